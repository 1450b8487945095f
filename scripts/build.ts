/**
 * Usage: bun scripts/build.ts [--target TARGET | --all]
 *
 * Compiles src/main.ts and seals it: for this machine into dist/, for TARGET
 * (see targets.ts) into dist/TARGET/. --all builds every target, and
 * dist/SHA256SUMS. Files appear complete, or not at all.
 */

import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { name } from "../package.json";
import { compileSealed } from "./compile.ts";
import { isTarget, targetNames, type Target } from "./targets.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");

/** Build for the targets, or for this machine if there are none. Nothing is replaced before all are built. */
async function build(wanted: readonly Target[], sums: boolean): Promise<void> {
  const scratch = makeScratch();
  try {
    const made: string[] = [];
    for (const target of wanted.length > 0 ? wanted : [undefined]) {
      const file = join(target ?? "", name);
      await compile(join(scratch, file), target);
      made.push(file);
    }
    if (sums) {
      const lines = made.map((file) => `${sha256(join(scratch, file))}  ${file}\n`);
      writeFileSync(join(scratch, "SHA256SUMS"), lines.join(""));
      made.push("SHA256SUMS");
    }
    for (const target of wanted) mkdirSync(join(dist, target), { recursive: true });
    // They would not hold any more.
    if (wanted.length > 0) rmSync(join(dist, "SHA256SUMS"), { force: true });
    for (const file of made) renameSync(join(scratch, file), join(dist, file));
  } finally {
    process.chdir(root);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Write the sealed executable `outfile`, whose name goes into it; its directory does not. */
async function compile(outfile: string, target?: Target): Promise<void> {
  const label = join("dist", target ?? "", name);
  mkdirSync(join(outfile, ".."), { recursive: true });
  try {
    const sealed = await compileSealed(join(root, "src/main.ts"), outfile, target);
    console.log(`${label}: sealed`);
    for (const line of sealed) console.log(`  ${line}`);
  } catch (error) {
    const causes: unknown[] = error instanceof AggregateError ? error.errors : [error];
    throw new Error(`${label}: ${causes.map(message).join("; ")}`);
  }
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
  return error instanceof Error ? error.message : String(error);
}

/** @throws Error that says what is wrong with the arguments. */
function readArguments(args: string[]): { wanted: readonly Target[]; all: boolean } {
  const { target, all } = parseArgs({
    args,
    options: { target: { type: "string" }, all: { type: "boolean", default: false } },
  }).values;
  if (target === undefined) return { wanted: all ? targetNames : [], all };
  if (all) throw new Error("--all and --target exclude each other");
  if (!isTarget(target)) throw new Error(`unknown target ${target}; known: ${targetNames.join(", ")}`);
  return { wanted: [target], all };
}

try {
  const { wanted, all } = readArguments(process.argv.slice(2));
  await build(wanted, all);
} catch (error) {
  console.error(`build: ${message(error)}`);
  process.exit(1);
}
