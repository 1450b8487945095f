/**
 * Usage: bun scripts/build.ts [--bun PATH] [--target TARGET | --all]
 *
 * Compiles src/main.ts, starts what came of it, lets it rehearse, and freezes it: for this machine into dist/.
 * --bun takes the runtime of another Bun. TARGET (see targets.ts) is what this machine cannot start, and so is
 * not frozen yet: it goes into dist/TARGET/. --all builds every target, and dist/SHA256SUMS. Files appear
 * complete and proven, or not at all.
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
import { join } from "node:path";
import { parseArgs } from "node:util";
import { name } from "../package.json";
import { compile } from "./compile.ts";
import { compileSealed } from "./compile-sealed.ts";
import { freeze } from "./freeze/freeze.ts";
import { prove } from "./prove.ts";
import { runtimeEnvironment } from "./runtime.ts";
import { isTarget, targetNames, type Target } from "./targets.ts";
import { BUILD_ID_TEXT, POINT_OF_RETURN, rehearsals } from "./training.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

interface Options {
  /** The path of a Bun whose runtime to take; by default the one that this runs on. */
  readonly bun?: string | undefined;
  readonly targets?: readonly Target[];
  /** Whether dist/SHA256SUMS is wanted, too. */
  readonly sums?: boolean;
}

/** Build for the targets, or for this machine if there are none. Nothing is replaced before all are built. */
export async function build({ bun, targets = [], sums = false }: Options = {}): Promise<void> {
  const scratch = makeScratch();
  try {
    const made: string[] = [];
    for (const target of targets.length > 0 ? targets : [undefined]) {
      const file = join(target ?? "", name);
      mkdirSync(join(scratch, target ?? ""), { recursive: true });
      if (target) await compileSealed(join(root, "src/main.ts"), join(scratch, file), target);
      else await makeFrozen(join(scratch, file), bun);
      console.log(`${join("dist", file)}: ${statSync(join(scratch, file)).size} bytes`);
      made.push(file);
    }
    if (sums) {
      const lines = made.map((file) => `${sha256(join(scratch, file))}  ${file}\n`);
      writeFileSync(join(scratch, "SHA256SUMS"), lines.join(""));
      made.push("SHA256SUMS");
    }
    for (const target of targets) mkdirSync(join(dist, target), { recursive: true });
    // They would not hold any more.
    if (targets.length > 0) rmSync(join(dist, "SHA256SUMS"), { force: true });
    for (const file of made) renameSync(join(scratch, file), join(dist, file));
  } finally {
    process.chdir(root);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Write the frozen executable `outfile`, and prove that it works. Its name goes into it; its directory does not. */
async function makeFrozen(outfile: string, bun?: string): Promise<void> {
  const compiled = `${outfile}.compiled`;
  await compile(join(root, "src/main.ts"), compiled, bun);
  const executable = await freeze({
    program: compiled,
    environment: runtimeEnvironment,
    pointOfReturn: POINT_OF_RETURN,
    rehearsals,
    rounds: 2,
    buildIdText: BUILD_ID_TEXT,
    message: `${name}: fatal: no memory is left, or this is a defect of build`,
  });
  rmSync(compiled);
  // By one write(): how a file was written decides how fast it is mapped.
  const descriptor = openSync(outfile, "wx", 0o755);
  writeSync(descriptor, executable);
  closeSync(descriptor);
  prove(outfile);
}

/**
 * A directory in dist/, so that renaming from it is one step, that does not
 * outlive the build. It is also the current directory: Bun unpacks the runtimes
 * that it downloads there, and would leave the pieces behind when interrupted.
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
  const { bun, target, all } = parseArgs({
    args,
    options: {
      bun: { type: "string" },
      target: { type: "string" },
      all: { type: "boolean", default: false },
    },
  }).values;
  if (target === undefined) return { bun, targets: all ? targetNames : [], sums: all };
  if (all) throw new Error("--all and --target exclude each other");
  if (!isTarget(target)) throw new Error(`unknown target ${target}; known: ${targetNames.join(", ")}`);
  return { bun, targets: [target], sums: false };
}

if (import.meta.main) {
  try {
    await build(readArguments(process.argv.slice(2)));
  } catch (error) {
    console.error(`build: ${message(error)}`);
    process.exit(1);
  }
}
