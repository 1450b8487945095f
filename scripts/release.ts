/**
 * Usage: bun scripts/release.ts [--target TARGET] [--dist DIR] [--publish]
 *
 * Puts all that a release consists of into release/ of --dist (default: dist/),
 * from what `npm run build:all` left there, and says how it would be uploaded.
 * --target leaves the other architectures out, to try it on a machine that has
 * not built them. --publish uploads it: the release workflow does.
 */

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../package.json";
import { built, root, targets, type Target } from "./packages/built.ts";
import { releaseOf } from "./packages/changelog.ts";
import { licenceFiles, licenceTexts, notice } from "./packages/notice.ts";
import { checkOrigin, uploads } from "./packages/uploads.ts";
import { packages, sumsOf, wantedTargets } from "./packages.ts";

const { name, version } = manifest;

/** Lay out the files of the release in the directory `out`. @returns their names. */
async function prepare(targets: readonly Target[], dist: string, out: string): Promise<string[]> {
  const files = await packages(targets, dist, join(dist, "packages"));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  for (const file of files) copyFileSync(join(dist, "packages", file), join(out, file));
  const licences = licenceFiles.map(
    (file) => `\n---- ${file} ----\n\n${readFileSync(join(licenceTexts, file))}`,
  );
  for (const target of targets) {
    const { executable, versions } = built(target, dist);
    const downloads = [
      [executable, `${name}-${target}`],
      // What lies where in it, for whoever gets an address in a report.
      [`${executable}.map`, `${name}-${target}.map`],
    ] as const;
    for (const [from, file] of downloads) {
      copyFileSync(from, join(out, file));
      files.push(file);
    }
    // An executable that is downloaded alone has its licences beside it.
    const file = `${name}-${target}.licences.txt`;
    writeFileSync(
      join(out, file),
      [notice(versions, "are below"), readFileSync(join(root, "LICENSE")), ...licences].join("\n"),
    );
    files.push(file);
  }
  writeFileSync(join(out, "SHA256SUMS"), sumsOf(out, files.sort()));
  return [...files, "SHA256SUMS"];
}

/** @param time that the image has, in seconds since 1970. */
async function run(command: string[], cwd: string, time: number): Promise<void> {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(time) };
  const child = Bun.spawn(command, { cwd, env, stdin: "ignore", stdout: "inherit", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
}

try {
  const { publish, ...options } = parseArgs({
    options: {
      publish: { type: "boolean", default: false },
      dist: { type: "string", default: join(root, "dist") },
      target: { type: "string" },
    },
  }).values;
  const wanted = wantedTargets(options.target);
  if (publish) checkOrigin(manifest, process.env);
  if (publish && wanted.length < targets.length) throw new Error("--target and --publish exclude each other");
  const dist = resolve(options.dist);
  const out = join(dist, "release");
  const { notes, time } = releaseOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version);
  const files = await prepare(wanted, dist, out);
  writeFileSync(join(dist, "release-notes.md"), `${notes}\n`);
  for (const file of files) console.log(join(out, file));
  for (const command of uploads(version, files)) {
    console.log(`${publish ? "" : "would run: "}${command.join(" ")}`);
    if (publish) await run(command, out, time);
  }
} catch (error) {
  console.error(`release: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
