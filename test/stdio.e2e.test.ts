/** stdin, stdout and stderr: closed, full, or left alone. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fatal, name, scratch, sh, testWith } from "./support/harness.ts";
import { devDependencies, version } from "../package.json";

const directory = scratch();
const out = join(directory, "out");

/** Says which descriptors are open, and whether the first one is a socket. */
const look = `open=; for fd in 0 1 2 3 4 5 6 7 8 9; do if [ -e /proc/$$/fd/$fd ]; then open=$open$fd; fi; done
  if [ -S /proc/$$/fd/0 ]; then open="$open socket"; fi; echo "$open" >"$1"; exit 42`;

/** Arguments that are refused, each at another stage. */
const failures = [
  ["192.0.2.1 0 true", fatal("unable to bind to 192.0.2.1 port 0 : Cannot assign requested address")],
  ["-m ::1 0 true", fatal("unable to listen to ::1 port 0 : Operation not supported")],
  ["-z", fatal("unrecognized short option: z", 100, "--help lists the options")],
  ["127.0.0.1 0 /nonexistent", fatal("unable to exec /nonexistent: No such file or directory", 127)],
] as const;

/** Descriptors to close, as the shell has it, and those that prog finds. */
const combinations: [string, string][] = [
  ["nothing", "012"],
  ["<&-", "012"],
  [">&-", "02"],
  ["2>&-", "01"],
  ["<&- >&-", "02"],
  ["<&- 2>&-", "01"],
  [">&- 2>&-", "0"],
  ["<&- >&- 2>&-", "0"],
];

test.each(combinations)("closed at start: %s", async (closed, open) => {
  const redirect = closed === "nothing" ? "" : closed;
  const result = await sh(`exec "$binder" 127.0.0.1 0 sh -c "$@" ${redirect}`, [look, "sh", out]);
  expect(result).toEqual({ stderr: "", stdout: "", exit: 42 });
  expect(readFileSync(out, "utf8")).toBe(`${open} socket\n`);

  for (const [args, failure] of failures) {
    const failed = await sh(`exec "$binder" ${args} ${redirect}`);
    expect(failed).toEqual(open.includes("2") ? failure : { ...failure, stderr: "" });
  }
});

/** Ways for a descriptor to get the number of stderr, or for the socket to be somewhere when a message is due. */
const placements: [string, number][] = [
  ["--fd=5 127.0.0.1 0 /nonexistent", 127],
  ["--fd=2 127.0.0.1 0 /nonexistent", 127],
  ["--fd=1 127.0.0.1 0 /nonexistent", 127],
  ["--listen-fds 127.0.0.1 0 /nonexistent", 127],
  ["--report-fd=2 127.0.0.1 0 true", 111],
  [`--report-file=${out} 127.0.0.1 0 /nonexistent`, 127],
  ["192.0.2.1 0 true", 111],
  ["--help extra", 0],
];

describe.each(["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])("closed at start: %s", (closed) => {
  for (const [args, exit] of placements) {
    testWith(["strace"], `no message goes anywhere: ${args}`, async () => {
      const log = join(directory, "log");
      const trace = `strace -qq -o ${log} -e trace=write,writev,pwrite64,sendto,sendmsg`;
      const result = await sh(`exec ${trace} "$binder" ${args} ${closed}`);
      const written = readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line.includes("fatal"));
      expect(written.filter((line) => !line.endsWith("= -1 EBADF (Bad file descriptor)"))).toEqual([]);
      // A signal, as SIGPIPE, would be seen here.
      expect(result.exit).toBe(args.startsWith("--help") && closed.includes(">&- ") ? 111 : exit);
      expect(result.stderr).toBe("");
    });
  }
});

test("stdout is for --version", async () => {
  const { stdout, ...rest } = await sh('exec "$binder" --version <&- 2>&-');
  expect(rest).toEqual({ stderr: "", exit: 0 });
  const [first, ...others] = stdout.split("\n");
  expect(first).toBe(`${name} ${version}`);
  expect(others).toEqual([
    `architecture: ${process.arch}`,
    `runtime: Bun ${devDependencies.bun}`,
    expect.stringMatching(/^libc: glibc \d+\.\d+$/),
    expect.stringMatching(/^build: [\w-]+$/),
    "",
  ]);
});

test("stdout is for --help", async () => {
  const { stdout, ...rest } = await sh('exec "$binder" --help <&- 2>&-');
  expect(rest).toEqual({ stderr: "", exit: 0 });
  expect(stdout).toContain("--no-reuse-address");
  expect(stdout).not.toContain("\x1b");
});

test.each([
  ["--help", ">/dev/full", "No space left on device"],
  ["--help", ">&-", "Bad file descriptor"],
  ["--version", ">/dev/full", "No space left on device"],
  ["--version", ">&-", "Bad file descriptor"],
])("%s that cannot be printed (%s): a line says so", async (option, redirect, reason) => {
  const result = await sh(`exec "$binder" ${option} ${redirect}`);
  expect(result).toEqual(fatal(`unable to write to stdout: ${reason}`));
});

test("a reader of --help that has gone away", async () => {
  const { stderr } = await sh('{ "$binder" --help; echo "$?" >&2; } | :');
  expect(stderr).toMatch(/^\d+\n$/);
});
