/** Runs that report into one directory at the same time. They have all started at once: when they were built. */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bind, ok, scratch } from "./support/harness.ts";

const runs = Array.from({ length: 50 }, (_, i) => String(i));
const report = /^127\.0\.0\.1 \d+\n$/;

/** Run all at once, each with a report in a file. @returns what each saw there. */
async function reports(fileOf: (run: string) => string): Promise<string[]> {
  const results = await Promise.all(
    runs.map((run) => bind([`--report-file=${fileOf(run)}`, "127.0.0.1", "0", "cat", fileOf(run)])),
  );
  expect(results).toEqual(runs.map(() => ok(expect.stringMatching(report))));
  return results.map(({ stdout }) => stdout);
}

test("a file of its own for each", async () => {
  const directory = scratch();
  const seen = await reports((run) => join(directory, run));
  expect(readdirSync(directory).sort()).toEqual(runs.toSorted());
  expect(seen).toEqual(runs.map((run) => readFileSync(join(directory, run), "utf8")));
});

test("the same file for all: it holds the report of one, and nothing else is left", async () => {
  const directory = scratch();
  const file = join(directory, "report");
  await reports(() => file);
  expect(readdirSync(directory)).toEqual(["report"]);
  expect(readFileSync(file, "utf8")).toMatch(report);
});
