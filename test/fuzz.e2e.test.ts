/** Random runs of the executable: scripts/fuzz.ts, whose seed is printed. */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isThorough, root, run, scratch } from "./support/harness.ts";

const fuzz = (...args: string[]) => run([process.execPath, join(root, "scripts/fuzz.ts"), ...args]);

const runs = isThorough ? 1000 : 200;

test(`${runs} runs: no signal, no defect, and the same where it is not frozen`, async () => {
  const { exit, stdout, stderr } = await fuzz(`--runs=${runs}`);
  console.log(stdout.trimEnd());
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^fuzz: \d+ runs, --seed=\d+ --jobs=\d+\n/);
  expect(stdout).toMatch(/\nfuzz: all is well after \d+ s\n$/);
  expect(exit).toBe(0);
}, 300_000);

const directory = scratch();

test.each([
  ["ends by a signal", "kill -SEGV $$", "status 139"],
  ["says that it is a defect", "echo no memory is left, or this is a defect >&2; exit 111", "a defect"],
  ["says nothing", "exit 100", "no message"],
  ["does something else", "exit 0", "it is not the same where it is not frozen"],
])(
  "what %s is found, and the command that repeats it said",
  async (_, script, reason) => {
    const wrong = join(directory, "wrong");
    writeFileSync(wrong, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const { exit, stderr } = await fuzz("--runs=300", "--seed=1", "--jobs=1", `--executable=${wrong}`);
    // It was made small.
    expect(stderr).toMatch(/^fuzz: .*"environment":\["PATH=\/usr\/bin:\/bin"\],.*"failures":\[\]/);
    expect(stderr).toContain(`\nfuzz: Error: ${reason}: `);
    expect(stderr).toEndWith("\nfuzz: again: bun scripts/fuzz.ts --jobs=1 --runs=300 --seed=1\n");
    expect(exit).toBe(1);
  },
  60_000,
);

test.each([
  ["--runs=0", "--runs must be a number from 1 to 10000000, not 0"],
  ["--seed=x", "--seed must be a number from 1 to 2000000000, not x"],
  ["--jobs=", "--jobs must be a number from 1 to 1000, not empty"],
])("%s is refused", async (option, message) => {
  expect(await fuzz(option)).toEqual({ exit: 1, stdout: "", stderr: `fuzz: ${message}\n` });
});
