/** Copies of the project, to build in: dist/ stays as it is for the other tests. */

import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root, scratch } from "./harness.ts";

/** @returns the path of a copy of what a build reads. */
export function copyOfProject(directory = scratch()): string {
  mkdirSync(directory, { recursive: true });
  for (const part of ["package.json", "tsconfig.json", "bunfig.toml", "src", "scripts"]) {
    cpSync(join(root, part), join(directory, part), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  return directory;
}
