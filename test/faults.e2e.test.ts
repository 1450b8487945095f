/** What becomes of a run that cannot go on: one line, exit 111, and neither a signal nor a core dump. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { bind, ended, executable, name, program, run, spawn, testWith, until } from "./support/harness.ts";

const version = await bind(["--version"]);
const buildId = /^build: (\w+)$/m.exec(version.stdout)?.[1] ?? "";
/** Where it happened, and for which address, is in it. */
const where = "[0-9a-f]{16} [0-9a-f]{16}";
const said = RegExp(
  `^${name}: fatal: no memory is left, or this is a defect of build ${buildId} at ${where}\n$`,
);
const lastWords = { exit: 111, stdout: "", stderr: expect.stringMatching(said) };

/** SIGSEGV, SIGBUS, SIGTRAP and SIGILL as a set of signals. */
const faults = [11, 7, 5, 4].reduce((set, signal) => set | (1 << (signal - 1)), 0);

const refuse = program("refuse.c", ["cc", "-static"]);

/** Whether a process handles these, and no others: proc_pid_status(5). Then our entry code has run. */
function handlesFaults(pid: number): true | undefined {
  const handled = /^SigCgt:\t(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return parseInt(handled ?? "", 16) === faults ? true : undefined;
}

test.each(["SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP"] as const)("%s", async (signal) => {
  const busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const command = [executable, "--wait=100", "127.0.0.1", String(busy.port), "true"];
  await using waiting = spawn(
    ["sh", "-c", 'ulimit -c unlimited; exec "$@"', "sh", ...command],
    ["ignore", "pipe", "pipe"],
  );
  await until("the runtime to handle faults", () => handlesFaults(waiting.pid));
  waiting.kill(signal);
  expect(await ended(waiting)).toEqual(lastWords);
  busy.stop(true);
});

testWith(["cc"], "no handler may be set: all that may be missed is put in its place at once", async () => {
  // sigaction() of SIGSEGV; EPERM
  const refused = [await refuse(), "rt_sigaction", "0", "11", "1"];
  for (const args of [["-z"], ["--help"], ["127.0.0.1", "0", "/bin/echo", "ran"]]) {
    expect(await run([...refused, executable, ...args])).toEqual(await bind(args));
  }
});

describe("want of memory", () => {
  const arrange = program("arrange.c");
  // What is told of it takes memory, several times its size.
  const option = `--${"z".repeat(120_000)}`;
  const RLIMIT_DATA = 2;
  const RLIMIT_AS = 9;
  const STEP = 64;
  const told = `100 ${name}: hint: --help lists the options\n${name}: fatal: unrecognized boolean option: it\n`;

  /** How a run ends with so little memory. */
  async function outcome(limit: number, kilobytes: number): Promise<string> {
    const words = [limit, kilobytes * 1024, kilobytes * 1024].map(String);
    const command = [await arrange(), "limit", ...words, "--", executable, option];
    const { exit, stdout, stderr } = await run(command);
    return `${exit} ${stdout}${stderr.replace(said, "last words").replace(option, "it")}`;
  }

  for (const [name, limit] of Object.entries({ RLIMIT_DATA, RLIMIT_AS })) {
    testWith(
      ["cc"],
      `${name}: the kernel kills it at execve(), or a line says so, or it is done`,
      async () => {
        // By halves, to where it is no longer killed.
        let [killed, started] = [1000, 32_000];
        while (started - killed > STEP) {
          const middle = (killed + started) >> 1;
          if ((await outcome(limit, middle)) === "139 ") killed = middle;
          else started = middle;
        }
        const outcomes: string[] = [];
        for (let i = 0; i < 48; i++) outcomes.push(await outcome(limit, killed + STEP * i));
        // 139: SIGSEGV, by the kernel, before there is a process that could say anything.
        const order = outcomes.filter((outcome, i) => outcome !== outcomes[i - 1]);
        expect(order).toEqual(["139 ", "111 last words", told]);
      },
      90_000,
    );
  }
});
