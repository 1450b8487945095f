/**
 * Usage: bun scripts/packages.ts [--target TARGET] [--dist DIR] [--out DIR]
 *
 * Packages what a build put in TARGET/ of --dist (default: dist/), for TARGET or
 * for all of them, in --out (default: dist/packages/): for npm, for Debian, the
 * files of the container image, a bill of materials, and their sums.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { name, version } from "../package.json";
import { architectures, built, root, targets, type Built, type Target } from "./packages/built.ts";
import { releaseOf, type Release } from "./packages/changelog.ts";
import { packDebian } from "./packages/deb.ts";
import { addLicences } from "./packages/notice.ts";
import { packLauncher, packNative } from "./packages/npm.ts";
import { sbom } from "./packages/sbom.ts";
import { Tree } from "./packages/tree.ts";

/** Package what was built in `dist`, in `out`, which is emptied first. @returns the names of the files. */
export async function packages(wanted: readonly Target[], dist: string, out: string): Promise<string[]> {
  const release = releaseOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
  const builds = wanted.map((target) => built(target, dist));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const made = builds.map((build) => packageBuild(build, release, out));
  const files = (await Promise.all([packLauncher(release.time, out), ...made])).flat();
  writeFileSync(join(out, "SHA256SUMS"), sumsOf(out, files));
  return files;
}

async function packageBuild(build: Built, release: Release, out: string): Promise<string[]> {
  const { target, executable, versions } = build;
  // Dockerfile: what the image holds, by the name that Docker has for the architecture.
  const image = new Tree(join(out, "image", architectures[target].debian), release.time);
  image.add(name, { from: executable }, 0o755);
  addLicences(image, versions);
  const bill = `${name}-${target}.spdx.json`;
  writeFileSync(join(out, bill), `${JSON.stringify(sbom(build, release.time), null, 2)}\n`);
  return [
    ...(await Promise.all([packNative(build, release.time, out), packDebian(build, release, out)])),
    bill,
  ];
}

/** What sha256sum(1) says of the files in a directory. */
export function sumsOf(directory: string, files: readonly string[]): string {
  const sha256 = (file: string) =>
    new Bun.CryptoHasher("sha256").update(readFileSync(join(directory, file))).digest("hex");
  return files.map((file) => `${sha256(file)}  ${file}\n`).join("");
}

/** The target of this name; all, if there is none. @throws Error when it is unknown. */
export function wantedTargets(name?: string): readonly Target[] {
  const wanted = targets.filter((known) => name === undefined || known === name);
  if (wanted.length === 0) throw new Error(`unknown target ${name}; known: ${targets.join(", ")}`);
  return wanted;
}

/** @throws Error that says what is wrong with the arguments. */
function readArguments(args: string[]): { wanted: readonly Target[]; dist: string; out: string } {
  const { target, dist, out } = parseArgs({
    args,
    options: {
      target: { type: "string" },
      dist: { type: "string", default: join(root, "dist") },
      out: { type: "string", default: join(root, "dist/packages") },
    },
  }).values;
  return { wanted: wantedTargets(target), dist: resolve(dist), out: resolve(out) };
}

if (import.meta.main) {
  try {
    const { wanted, dist, out } = readArguments(process.argv.slice(2));
    for (const file of await packages(wanted, dist, out)) console.log(join(out, file));
  } catch (error) {
    console.error(`packages: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
