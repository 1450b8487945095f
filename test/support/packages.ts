/** What the packages are made of, as `npm run build:all` leaves it. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { built, targets, type Target } from "../../scripts/packages/built.ts";
import { versionsFile } from "../../scripts/versions.ts";
import { executable, name, root } from "./harness.ts";

/** The target of this machine. */
export const own = `linux-${process.arch}` as Target;

/** Lay it out in the directory `dist`, with the executable that all tests run. */
export function layOut(dist: string): void {
  for (const target of targets) {
    const file = join(dist, target, name);
    mkdirSync(dirname(file), { recursive: true });
    const from = target === own ? dirname(executable) : foreignBuild(target);
    for (const part of [name, `${name}.map`, versionsFile])
      copyFileSync(join(from ?? dirname(executable), part), join(dirname(file), part));
    if (from === undefined) writeFileSync(file, standIn(target));
  }
}

/** The directory of the other architecture's build, if `npm run build -- --target` has made it. */
function foreignBuild(target: Target): string | undefined {
  try {
    return dirname(built(target, join(root, "dist")).executable);
  } catch {
    return undefined;
  }
}

/** In the place of an executable that was not built: ours, whose header alone says that it is for the other machine. */
function standIn(target: Target): Buffer {
  const bytes = readFileSync(executable);
  // e_machine of elf(5): EM_X86_64 or EM_AARCH64.
  bytes.writeUInt16LE(target === "linux-x64" ? 62 : 183, 18);
  return bytes;
}
