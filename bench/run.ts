/**
 * Usage: bun bench/run.ts [--rounds N] [--save]
 *
 * Measures our executable beside others, in rounds, and how its time grows.
 * --save writes results.json and the charts drawn from it.
 */

import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { name, version } from "../package.json";
import { growthChart, summaryChart, timeChart } from "./chart.ts";
import { contestants, type Programs } from "./contestants.ts";
import type { Figure, Growth, Results } from "./results.ts";

type Row = { wall: number; cpu: number; faults: number; peak: number };

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "200" }, save: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);

/**
 * Rounds after which the executables are copied anew. The writing of a file
 * decides how its pages lie in memory, and that changes its time by a tenth.
 */
const PER_COPY = 20;

const directory = mkdtempSync(join(tmpdir(), "bench-"));
const at = (file: string) => join(directory, file);

const programs: Programs = { ours: at("run/ours"), readBack: at("run/read-back"), c: at("run/c") };

try {
  const results = measureAll();
  print(results);
  if (values.save) {
    const save = (file: string, text: string) => writeFileSync(join(import.meta.dir, file), text);
    save("results.json", `${JSON.stringify(results, null, 2)}\n`);
    save("summary.svg", summaryChart(results));
    save("time.svg", timeChart(results));
    save("growth.svg", growthChart(results));
  }
} finally {
  rmSync(directory, { recursive: true });
}

/** Copy the executables anew, and let the page cache forget one of them. */
function copyPrograms(): void {
  rmSync(at("run"), { recursive: true, force: true });
  mkdirSync(at("run"));
  const built = join(import.meta.dir, "../dist", name);
  cpSync(built, programs.ours);
  cpSync(built, programs.readBack);
  cpSync(at("binder"), programs.c);
  run(["dd", `of=${programs.readBack}`, "oflag=nocache", "conv=notrunc,fdatasync", "count=0", "status=none"]);
}

function measureAll(): Results {
  run(["cc", "-O1", "-o", at("measure"), join(import.meta.dir, "measure.c")]);
  run(["cc", "-O2", "-o", at("binder"), join(import.meta.dir, "binder.c")]);
  copyPrograms();
  const all = contestants(programs);
  const rows: Row[][] = all.map(() => []);
  for (let done = 0; done < rounds; done += PER_COPY) {
    if (done > 0) copyPrograms();
    const batch = measure(
      ["-n", String(Math.min(PER_COPY, rounds - done)), "-w", "3"],
      all.map(({ command }) => command),
    );
    batch.forEach((more, i) => rows[i]?.push(...more));
  }
  const base = rows[all.findIndex(({ name }) => name === "C")] ?? [];
  return {
    header: {
      [name]: version,
      Bun: Bun.version,
      kernel: release(),
      CPU: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
      rounds: String(rounds),
    },
    figures: all.map(({ name }, i) => figure(name, rows[i] ?? [], base)),
    growth: measureGrowth(),
  };
}

function figure(name: string, rows: Row[], base: Row[]): Figure {
  const sorted = (key: keyof Row) => rows.map((row) => row[key]).toSorted((a, b) => a - b);
  const wall = sorted("wall");
  return {
    name,
    wall: { median: quantile(wall, 0.5), p10: quantile(wall, 0.1), p90: quantile(wall, 0.9) },
    cpu: quantile(sorted("cpu"), 0.5),
    faults: quantile(sorted("faults"), 0.5),
    peak: quantile(sorted("peak"), 0.5),
    ratio: quantile(
      rows.map((row, i) => row.wall / (base[i]?.wall ?? NaN)).toSorted((a, b) => a - b),
      0.5,
    ),
  };
}

function measureGrowth(): Growth[] {
  const { ours, c } = programs;
  const few = ["-n", String(Math.max(5, Math.round(rounds / 10))), "-w", "2"];
  const compare = (options: string[], commands: string[][], cwd?: string, env?: Record<string, string>) => {
    const [a = [], b = []] = measure([...few, ...options], commands, cwd, env);
    return { ours: figure("", a, a).wall.median, c: figure("", b, b).wall.median };
  };
  const pair = (options: string[], cwd = "/", PATH = "/bin") =>
    compare(
      options,
      [ours, c].map((binder) => [binder, "127.0.0.1", "0", "true"]),
      cwd,
      { PATH },
    );
  const grow = (what: string, xs: number[], point: (x: number) => { ours: number; c: number }): Growth => ({
    what,
    points: xs.map((x) => ({ x, ...point(x) })),
  });
  const crowded = at("crowded");
  mkdirSync(crowded);
  let files = 0;
  return [
    grow("bytes of arguments", [0, 10_000, 100_000, 500_000, 1_000_000, 1_900_000], (x) =>
      pair(["-a", String(x)]),
    ),
    grow("bytes of environment", [0, 10_000, 100_000, 500_000, 1_000_000, 1_900_000], (x) =>
      pair(["-e", String(x)]),
    ),
    grow("variables of environment", [0, 10, 100, 1000, 10_000], (x) => pair(["-E", String(x)])),
    grow("inherited descriptors", [3, 10, 100, 1000, 10_000], (x) => pair(["-f", String(x - 3)])),
    grow("PATH directories", [1, 10, 100, 1000], (x) =>
      pair([], "/", `${"/nonexistent:".repeat(x - 1)}/bin`),
    ),
    grow("files in the current directory", [0, 1000, 10_000, 100_000], (x) => {
      while (files < x) writeFileSync(join(crowded, String(files++)), "");
      return pair([], crowded);
    }),
    grow("sockets chained", [1, 2, 4, 8, 16], (x) => {
      const chain = (binder: string) => [
        ...Array<string[]>(x).fill([binder, "127.0.0.1", "0"]).flat(),
        "/bin/true",
      ];
      return compare([], [ours, c].map(chain));
    }),
    grow("starts at once", [1, 4, 16, 64, 256], (x) => pair(["-c", String(x)])),
  ];
}

/** Run the commands in rounds. @returns the rows of each. */
function measure(
  options: string[],
  commands: (readonly string[])[],
  cwd?: string,
  env?: Record<string, string>,
): Row[][] {
  const args = commands.flatMap((command, i) => (i === 0 ? command : [";", ...command]));
  const output = run([join(directory, "measure"), ...options, ...args], cwd, env);
  const rows: Row[][] = commands.map(() => []);
  for (const line of output.trim().split("\n")) {
    const [command = 0, wall = 0, cpu = 0, faults = 0, peak = 0] = line.split(" ").map(Number);
    rows[command]?.push({ wall, cpu, faults, peak });
  }
  return rows;
}

function run(command: string[], cwd?: string, env = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    ...(cwd && { cwd }),
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  if (exitCode !== 0) throw new Error(`${command[0]}: exit ${exitCode}: ${stderr.toString()}`);
  return stdout.toString();
}

function quantile(sorted: number[], part: number): number {
  return sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
}

function print({ header, figures, growth }: Results): void {
  for (const [key, value] of Object.entries(header)) console.log(`${key}: ${value}`);
  console.log(`\n${"".padEnd(42)}   wall µs   p10 – p90         CPU µs   faults   peak KiB   × C`);
  for (const { name, wall, cpu, faults, peak, ratio } of figures) {
    const range = `${wall.p10.toFixed(0)} – ${wall.p90.toFixed(0)}`;
    console.log(
      `${name.padEnd(42)} ${wall.median.toFixed(0).padStart(9)}   ${range.padEnd(15)} ${cpu.toFixed(0).padStart(8)} ${String(faults).padStart(8)} ${String(peak).padStart(10)} ${ratio.toFixed(2).padStart(8)}`,
    );
  }
  for (const { what, points } of growth) {
    console.log(`\n${what.padEnd(32)}   ours µs    C µs`);
    for (const { x, ours, c } of points) {
      console.log(`${String(x).padStart(32)} ${ours.toFixed(0).padStart(9)} ${c.toFixed(0).padStart(7)}`);
    }
  }
}
