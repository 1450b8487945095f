/** The architecture of this machine: what it can freeze. */

import type { Architecture } from "./arch.ts";
import { arm64 } from "./arm64.ts";
import { x64 } from "./x64.ts";

const architectures: Partial<Record<string, Architecture>> = { x64, arm64 };

/** @throws Error where there is none. */
export function hostArchitecture(): Architecture {
  const found = architectures[process.arch];
  if (!found) throw new Error(`a program cannot be frozen on ${process.arch}`);
  return found;
}
