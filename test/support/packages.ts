/** The packages, as `npm run packages` makes them. */

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "../../scripts/packages/built.ts";
import { ownLibc, recordVersions, versionsFile } from "../../scripts/versions.ts";
import { executable, name, root, run } from "./harness.ts";

/** The target of this machine. */
export const own = `linux-${process.arch}` as Target;

/** Lay out in the directory `dist` what `npm run build:all` leaves, with the executable that all tests run. */
export function layOut(dist: string): void {
  mkdirSync(join(dist, own), { recursive: true });
  copyFileSync(executable, join(dist, own, name));
  writeFileSync(join(dist, own, versionsFile), recordVersions(process.execPath, ownLibc()));
}

/**
 * Package in the directory `out`.
 *
 * @param through a command that runs the script.
 * @returns the sums.
 */
export async function makePackages(
  out: string,
  through: string[] = [],
  env: Record<string, string> = {},
): Promise<string> {
  const dist = `${out}-of`;
  layOut(dist);
  const options = ["--target", own, "--dist", dist, "--out", out];
  const script = [process.execPath, join(root, "scripts/packages.ts"), ...options];
  const { exit, stderr } = await run([...through, ...script], { cwd: "/", env: { ...process.env, ...env } });
  if (exit !== 0 || stderr !== "") throw new Error(stderr);
  return readFileSync(join(out, "SHA256SUMS"), "utf8");
}
