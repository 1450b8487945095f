/** Freezing a program of another kind than ours, and what keeps one from being frozen. */

import { expect } from "bun:test";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freeze, type FreezeOptions } from "../scripts/freeze/freeze.ts";
import { compile, program, run, scratch, testWith } from "./support/harness.ts";

const directory = scratch();
// It lies where it is linked to, as the runtime does.
const freezable = program("freezable.c", ["cc", "-no-pie"]);

const rehearsal = (exit: number, ...args: string[]) => ({
  args: ["program", ...args, String(exit)],
  environment: ["GREETING=hello"],
  exit,
});

async function options(defect?: string): Promise<FreezeOptions> {
  return {
    program: await freezable(),
    environment: defect === undefined ? [] : [`DEFECT=${defect}`],
    pointOfReturn: 100_000,
    rehearsals: [{ ...rehearsal(0), common: true }, rehearsal(7, "several", "words"), rehearsal(0, "one")],
    buildIdText: "This will be what the build is known by.",
    message: "program: fatal: build",
  };
}

/** What a promise is rejected for. */
const reason = (promise: Promise<unknown>) =>
  promise.then(
    () => "it is frozen",
    (error: Error) => error.message,
  );

/** The processes that run a program. */
function processesOf(path: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`) === path;
    } catch {
      return false; // It has ended, is the kernel's, or no process at all.
    }
  });
}

for (const keep of ["touched", "whole", "packed"] as const) {
  testWith(["cc"], `a frozen program runs on other command lines than it rehearsed: ${keep}`, async () => {
    const file = join(directory, keep);
    writeFileSync(file, (await freeze({ ...(await options()), keep })).executable, { mode: 0o755 });
    const { executable: again } = await freeze({ ...(await options()), keep });
    expect(readFileSync(file).equals(again)).toBe(true);
    for (const args of [["a", "b", "c", "42"], ["5"], [..."x".repeat(500), "0"]]) {
      const { exit, stdout, stderr } = await run([file, ...args], { env: { GREETING: "servus" } });
      expect({ exit, stderr }).toEqual({ exit: Number(args.at(-1)), stderr: "" });
      expect(stdout).toMatch(RegExp(`^${args.join(" ")} servus [0-9a-f]{40}\n$`));
    }
    expect((await run([file, "0"], { env: {} })).stdout).toMatch(/^0 - /);
  });
}

testWith(["cc"], "a frozen program without what it did not rehearse runs on what it did: exact", async () => {
  const file = join(directory, "exact");
  const wanted = await options();
  const rehearsals = [...wanted.rehearsals, { ...rehearsal(7, "one"), exits: true }];
  const { executable } = await freeze({ ...wanted, rehearsals, keep: "exact" });
  writeFileSync(file, executable, { mode: 0o755 });
  const env = { GREETING: "hello" };
  expect(await run([file, "several", "words", "7"], { env })).toEqual({
    exit: 7,
    stdout: expect.stringMatching(/^several words 7 hello [0-9a-f]{40}\n$/),
    stderr: "",
  });
  expect(executable.length).toBeLessThan((await freeze(wanted)).executable.length);
});

for (const [defect, message] of Object.entries({
  thread: "the program starts a second thread, and only one can be frozen",
  descriptor: /^the program leaves descriptor 3 open: \/lib.*\/ld-linux/,
  "another descriptor": "the program leaves descriptor 7 open: stdout",
  "unknown call": "the program makes the system call acct, for which the fixed machine has no rule",
  "call of another kernel":
    "the program makes the system call 123456, for which the fixed machine has no rule",
  fault: /^the program gets signal 11 at 0x[0-9a-f]+, for the address 0x10$/,
  abort: /^the program gets signal 6 at|tgkill|abort/,
  end: "the program ends with exit status 3, and does not come to where its runs begin: ",
  "control word": "the program changed its floating-point control words: 27f, 1f80",
})) {
  testWith(["cc"], `what keeps it from being frozen: ${defect}`, async () => {
    expect(await reason(freeze(await options(defect)))).toMatch(message);
    expect(processesOf(await freezable())).toEqual([]);
  });
}

testWith(["cc"], "what keeps it from being frozen: a rehearsal that ends otherwise", async () => {
  const rehearsals = [{ ...rehearsal(5, "some", "thing"), exit: 6 }];
  expect(await reason(freeze({ ...(await options()), rehearsals }))).toMatch(
    /^rehearsing program some thing 5: exit status 5 instead of 6: some thing 5 hello /,
  );
});

/** Programs that are linked in another way than the runtime. */
const others: Record<string, [string[], RegExp]> = {
  static: [["-static"], /^the program's dynamic loader is none, and not that of glibc$/],
  "for another loader": [
    ["-no-pie", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1"],
    /^the program's dynamic loader is \/lib\/ld-musl-x86_64.so.1, and not that of glibc$/,
  ],
  "position-independent": [
    ["-pie", "-fPIE"],
    /^the program may lie anywhere, and not where it was linked to/,
  ],
};

for (const [kind, [flags, message]] of Object.entries(others)) {
  testWith(["cc"], `what keeps it from being frozen: it is ${kind}`, async () => {
    const path = await compile("freezable.c", scratch(), ["cc", ...flags]);
    expect(await reason(freeze({ ...(await options()), program: path }))).toMatch(message);
    expect(processesOf(path)).toEqual([]);
  });
}

testWith([], "what keeps it from being frozen: it is no program", async () => {
  const program = join(import.meta.dir, "../package.json");
  expect(await reason(freeze({ ...(await options()), program }))).toBe(
    "not an ELF file for a 64-bit little-endian machine",
  );
});
