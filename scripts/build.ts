/**
 * Usage: bun scripts/build.ts [--bun PATH] [--whole | --packed | --exact] [--target TARGET | --all]
 *
 * Compiles src/main.ts, starts what came of it, lets it rehearse, and freezes it, into dist/. --all makes what a
 * release has: dist/TARGET/ for linux-x64 and linux-arm64, and dist/SHA256SUMS; --target makes one of the two. What
 * this machine cannot start is built in an emulated one, which takes minutes.
 * --bun takes the runtime of another Bun, --whole leaves nothing out of the file. Two make files to test with:
 * in that of --packed all that can be packed is, and in that of --exact there is nothing that was not rehearsed.
 * Files appear complete and proven, or not at all.
 */

import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { name } from "../package.json";
import { compile } from "./compile.ts";
import { freeze, type Keep } from "./freeze/freeze.ts";
import { Workshop, writeFiles } from "./machine/workshop.ts";
import { architectures, targets, type Target } from "./packages/built.ts";
import { prove } from "./prove.ts";
import { runtime } from "./runtime.ts";
import { BUILD_ID_TEXT, POINT_OF_RETURN, rehearsals } from "./training.ts";
import { ownLibc, recordVersions, versionsFile } from "./versions.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

/** What may be asked for, besides what is shipped. */
const keeps = ["whole", "packed", "exact"] as const satisfies Keep[];

interface Options {
  /** The path of a Bun whose runtime to take; by default the one that this runs on. */
  readonly bun?: string | undefined;
  /** What of a release to make; by default nothing, but the executable for this machine in dist/. */
  readonly release?: readonly Target[];
  /** What is in the file: see freeze.ts. */
  readonly keep?: Keep;
}

/**
 * Build for this machine, or a release. Nothing is replaced before all is built.
 * @returns what was built: the paths of the files, from the project's directory.
 */
export async function build({ bun, release = [], keep = "touched" }: Options = {}): Promise<string[]> {
  const scratch = makeScratch();
  try {
    const files = [name, `${name}.map`, versionsFile];
    const made =
      release.length === 0 ? files : release.flatMap((target) => files.map((file) => join(target, file)));
    if (release.length === 0) await makeHere(scratch, keep, bun);
    for (const target of release) {
      mkdirSync(join(scratch, target));
      if (isForeign(target)) await makeForeign(target, scratch);
      else await makeHere(join(scratch, target), keep, bun);
    }
    if (release.length > 0) {
      const executables = release.map((target) => join(target, name));
      const lines = executables.map((file) => `${sha256(join(scratch, file))}  ${file}\n`);
      writeFileSync(join(scratch, "SHA256SUMS"), lines.join(""));
      made.push("SHA256SUMS");
    }
    // A signal until now means that nothing is wanted any more.
    await new Promise(setImmediate);
    for (const target of release) mkdirSync(join(dist, target), { recursive: true });
    // They would not hold any more.
    if (release.length > 0) rmSync(join(dist, "SHA256SUMS"), { force: true });
    for (const file of made) renameSync(join(scratch, file), join(dist, file));
    return made.map((file) => join("dist", file));
  } finally {
    process.chdir(root);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Whether a target's program does not start on this machine. */
function isForeign(target: Target): boolean {
  return architectures[target].cpu !== process.arch;
}

/** Make the files for this machine in a directory. */
async function makeHere(directory: string, keep: Keep, bun?: string): Promise<void> {
  await makeFrozen(join(directory, name), keep, bun);
  writeFileSync(join(directory, versionsFile), recordVersions(bun, ownLibc()));
}

/** The same, by this script in an emulated machine of the target's architecture. */
async function makeForeign(target: Target, scratch: string): Promise<void> {
  console.error(`build: ${target} is built in an emulated machine, which takes minutes`);
  await using workshop = await Workshop.start(architectures[target].cpu, { scratch });
  await workshop.run("scripts/build.ts", "--target", target);
  const files = await workshop.dist();
  writeFiles(new Map([...files].filter(([path]) => path.startsWith(`${target}/`))), scratch);
}

/** Write the frozen executable `outfile`, and prove that it works. Its name goes into it; its directory does not. */
export async function makeFrozen(outfile: string, keep: Keep, bun?: string): Promise<void> {
  const compiled = `${outfile}.compiled`;
  await compile(join(root, "src/main.ts"), compiled, bun);
  const { executable, map } = await freeze({
    program: compiled,
    keep,
    ...runtime,
    pointOfReturn: POINT_OF_RETURN,
    rehearsals,
    buildIdText: BUILD_ID_TEXT,
    message: `${name}: fatal: no memory is left, or this is a defect of build`,
  });
  rmSync(compiled);
  // By one write(): how a file was written decides how fast it is mapped.
  const descriptor = openSync(outfile, "wx", 0o755);
  writeSync(descriptor, executable);
  closeSync(descriptor);
  prove(outfile);
  writeFileSync(`${outfile}.map`, map);
}

/**
 * A directory in dist/, so that renaming from it is one step, that does not outlive the build. It is also the
 * current directory: Bun compiles into a file there, and would leave it behind when interrupted.
 */
function makeScratch(): string {
  mkdirSync(dist, { recursive: true });
  for (const entry of readdirSync(dist)) {
    const pid = /^\.build-(\d+)-/.exec(entry)?.[1];
    if (pid && !isRunning(Number(pid))) rmSync(join(dist, entry), { recursive: true, force: true });
  }
  let scratch: string | undefined;
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.once(signal, () => {
      // Bun's threads may be writing into it until we exit.
      if (scratch) rmSync(scratch, { recursive: true, force: true, maxRetries: 10 });
      process.exit(128 + number);
    });
  }
  scratch = mkdtempSync(join(dist, `.build-${process.pid}-`));
  process.chdir(scratch);
  return scratch;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function sha256(file: string): string {
  return new Bun.CryptoHasher("sha256").update(readFileSync(file)).digest("hex");
}

function message(error: unknown): string {
  const causes: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return causes.map((cause) => (cause instanceof Error ? cause.message : String(cause))).join("; ");
}

/** @throws Error that says what is wrong with the arguments. */
function readArguments(args: string[]): Options {
  const { bun, all, target, ...kinds } = parseArgs({
    args,
    options: {
      bun: { type: "string" },
      all: { type: "boolean", default: false },
      target: { type: "string" },
      whole: { type: "boolean" },
      packed: { type: "boolean" },
      exact: { type: "boolean" },
    },
  }).values;
  const [keep = "touched", another] = keeps.filter((kind) => kinds[kind]);
  if (another) throw new Error(`--${keep} and --${another} exclude each other`);
  if (all && target !== undefined) throw new Error("--all and --target exclude each other");
  const release = targets.filter((known) => all || known === target);
  if (target !== undefined && release.length === 0)
    throw new Error(`unknown target ${target}; known: ${targets.join(", ")}`);
  for (const foreign of release.filter(isForeign)) {
    if (bun === undefined && keep === "touched") continue;
    const given = keep === "touched" ? "bun" : keep;
    throw new Error(
      `--${given} is for this machine, and ${foreign} is built in another: choose another --target`,
    );
  }
  // From here, whatever directory it is built in.
  return { bun: bun === undefined ? undefined : resolve(bun), release, keep };
}

if (import.meta.main) {
  try {
    const files = await build(readArguments(process.argv.slice(2)));
    for (const file of files) console.log(`${file}: ${statSync(join(root, file)).size} bytes`);
  } catch (error) {
    console.error(`build: ${message(error)}`);
    process.exit(1);
  }
}
