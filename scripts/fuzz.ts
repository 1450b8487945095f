/**
 * Usage: bun scripts/fuzz.ts [--runs N] [--seed SEED] [--jobs N] [--executable PATH]
 *
 * Runs the executable N times (20,000 if nothing is said) with random arguments, environments and descriptors,
 * and system calls that fail. No run may end by a signal, or with the line about a defect; and a part of them is
 * compared with the same program that was not frozen. A page that is needed and was in no rehearsal is named. SEED makes the runs of another time once more.
 */

import fc from "fast-check";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { name } from "../package.json";
import { compile } from "./compile.ts";
import { cases } from "./fuzz/cases.ts";
import { verify } from "./fuzz/property.ts";
import { Runner } from "./fuzz/run.ts";

const root = join(import.meta.dir, "..");

/** One of the jobs: check cases in a directory that holds what they are compared with. */
function check(directory: string, executable: string, runs: number, seed: number): boolean {
  const own = join(directory, String(seed));
  mkdirSync(own);
  const runner = new Runner(own);
  const unfrozen = join(directory, "unfrozen");
  const unrehearsed = new Map<number, string>();
  const isKnown = readMap(`${executable}.map`);
  const property = fc.property(cases, (aCase) => {
    for (const page of verify(runner, executable, unfrozen, aCase).missed) {
      if (!isKnown(page)) unrehearsed.set(page, JSON.stringify(aCase));
    }
  });
  const { failed, counterexample, errorInstance } = fc.check(property, { numRuns: runs, seed });
  if (failed) {
    console.error(`fuzz: ${JSON.stringify(counterexample?.[0])}\nfuzz: ${String(errorInstance)}`);
    console.error(`fuzz: again: bun scripts/fuzz.ts --jobs=1 --runs=${runs} --seed=${seed}`);
  }
  for (const [page, aCase] of unrehearsed) {
    console.log(`fuzz: 0x${page.toString(16)} was in no rehearsal, and is needed by ${aCase.slice(0, 300)}`);
  }
  return !failed;
}

/** @returns whether a page of the executable was touched by a rehearsal, if there is a map beside it. */
function readMap(path: string): (page: number) => boolean {
  if (!existsSync(path)) return () => true;
  const ranges = readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => /^(\w+)-(\w+) \S+ unpacked, /.exec(line) ?? [])
    .filter((text) => /^\w+$/.test(text))
    .map((text) => parseInt(text, 16));
  return (page) => !ranges.some((start, i) => i % 2 === 0 && start <= page && page < ranges[i + 1]!);
}

/** A number from 1 to `max`. @throws Error that says so. */
function positive(option: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  throw new Error(`--${option} must be a number from 1 to ${max}, not ${text || "empty"}`);
}

async function main(args: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "20000" },
      seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1e9)) },
      jobs: { type: "string", default: String(availableParallelism()) },
      executable: { type: "string", default: join(root, "dist", name) },
      // What the jobs are started with.
      directory: { type: "string" },
    },
  });
  const [runs, seed] = [positive("runs", values.runs, 1e7), positive("seed", values.seed, 2e9)];
  const jobs = Math.min(positive("jobs", values.jobs, 1000), runs);
  const { directory } = values;
  // The runs have other directories.
  const executable = resolve(values.executable);
  if (directory !== undefined) return check(directory, executable, runs, seed);

  const started = performance.now();
  const each = Math.ceil(runs / jobs);
  console.log(`fuzz: ${each * jobs} runs, --seed=${seed} --jobs=${jobs}`);
  const scratch = mkdtempSync(join(tmpdir(), "fuzz-"));
  try {
    await compile(join(root, "src/main.ts"), join(scratch, "unfrozen"));
    const common = [`--runs=${each}`, `--directory=${scratch}`, `--executable=${executable}`];
    const children = Array.from({ length: jobs }, (_, i) =>
      Bun.spawn([process.execPath, import.meta.path, ...common, `--seed=${seed + i}`], {
        stdio: ["ignore", "inherit", "inherit"],
      }),
    );
    const ends = await Promise.all(children.map(({ exited }) => exited));
    if (ends.some((end) => end !== 0)) return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`fuzz: all is well after ${Math.round((performance.now() - started) / 1000)} s`);
  return true;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(`fuzz: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
