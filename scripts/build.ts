/**
 * Usage: bun scripts/build.ts [--bun PATH] [--whole | --packed] [--all]
 *
 * Compiles src/main.ts, starts what came of it, lets it rehearse, and freezes it, into dist/. --all makes what a
 * release has: dist/linux-ARCHITECTURE/ for each architecture that this machine can start, and dist/SHA256SUMS.
 * --bun takes the runtime of another Bun, --whole leaves nothing out of the file, --packed makes one to test with,
 * in which all that can be packed is. Files appear complete and proven, or not at all.
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
import { prove } from "./prove.ts";
import { runtimeEnvironment } from "./runtime.ts";
import { BUILD_ID_TEXT, POINT_OF_RETURN, rehearsals } from "./training.ts";
import { ownLibc, recordVersions, versionsFile } from "./versions.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

/** The directories of a release, in dist/: one an architecture. */
const architectures = [`linux-${process.arch}`];

interface Options {
  /** The path of a Bun whose runtime to take; by default the one that this runs on. */
  readonly bun?: string | undefined;
  /** Whether to make a release. */
  readonly all?: boolean;
  /** What is in the file: see freeze.ts. */
  readonly keep?: Keep;
}

/**
 * Build for this machine, or a release. Nothing is replaced before all is built.
 * @returns what was built: the paths of the files, from the project's directory.
 */
export async function build({ bun, all = false, keep = "touched" }: Options = {}): Promise<string[]> {
  const directories = all ? architectures : ["."];
  const scratch = makeScratch();
  try {
    const made: string[] = [];
    for (const directory of directories) {
      const file = join(directory, name);
      mkdirSync(join(scratch, directory), { recursive: true });
      await makeFrozen(join(scratch, file), keep, bun);
      made.push(file, `${file}.map`);
      if (!all) continue;
      const record = join(directory, versionsFile);
      writeFileSync(join(scratch, record), recordVersions(bun, ownLibc()));
      made.push(record);
    }
    if (all) {
      const executables = made.filter((file) => file.endsWith(name));
      const lines = executables.map((file) => `${sha256(join(scratch, file))}  ${file}\n`);
      writeFileSync(join(scratch, "SHA256SUMS"), lines.join(""));
      made.push("SHA256SUMS");
    }
    // A signal until now means that nothing is wanted any more.
    await new Promise(setImmediate);
    for (const directory of directories) mkdirSync(join(dist, directory), { recursive: true });
    // They would not hold any more.
    if (all) rmSync(join(dist, "SHA256SUMS"), { force: true });
    for (const file of made) renameSync(join(scratch, file), join(dist, file));
    return made.map((file) => join("dist", file));
  } finally {
    process.chdir(root);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Write the frozen executable `outfile`, and prove that it works. Its name goes into it; its directory does not. */
export async function makeFrozen(outfile: string, keep: Keep, bun?: string): Promise<void> {
  const compiled = `${outfile}.compiled`;
  await compile(join(root, "src/main.ts"), compiled, bun);
  const { executable, map } = await freeze({
    program: compiled,
    keep,
    environment: runtimeEnvironment,
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
  const { bun, all, whole, packed } = parseArgs({
    args,
    options: {
      bun: { type: "string" },
      all: { type: "boolean", default: false },
      whole: { type: "boolean", default: false },
      packed: { type: "boolean", default: false },
    },
  }).values;
  if (whole && packed) throw new Error("--whole and --packed exclude each other");
  const keep = whole ? "all" : packed ? "packed" : "touched";
  // From here, whatever directory it is built in.
  return { bun: bun === undefined ? undefined : resolve(bun), all, keep };
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
