/** --fd: which descriptor the socket becomes, and what happens to the others. */

import { expect, test } from "bun:test";
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, compile, executable, fatal, ok, scratch, sh, spawn, testWith } from "./support/harness.ts";
import { asleep } from "./support/listener.ts";

/** What each descriptor is of a prog that `script` starts by "$@". */
async function descriptors(script: string, args: string[]): Promise<Record<string, string>> {
  const command = [executable, ...args, "127.0.0.1", "0", "sleep", "60"];
  const started = ["sh", "-c", `exec "$@" ${script}`, "sh", ...command];
  await using child = spawn(started, ["ignore", "ignore", "ignore"]);
  const proc = `/proc/${child.pid}`;
  await asleep(child.pid, "sleep");
  const open = readdirSync(`${proc}/fd`).map((fd) => [fd, readlinkSync(`${proc}/fd/${fd}`)]);
  // All of them the same one.
  expect(new Set(open.filter(([, is]) => is?.startsWith("socket:")).map(([, is]) => is)).size).toBe(1);
  return Object.fromEntries(open.map(([fd, is]) => [fd, is?.replace(/:\[.*/, "")]));
}

const file = join(scratch(), "file");
writeFileSync(file, "contents");
const usual = { "0": "/dev/null", "1": "/dev/null", "2": "/dev/null" };

test.each<[string, string[], Record<string, string>]>([
  ["by default stdin", [], { "0": "socket" }],
  ["--fd=0", ["--fd=0"], { "0": "socket" }],
  ["--fd=3: stdin stays", ["--fd=3"], { "3": "socket" }],
  ["--fd=9: stdin stays", ["--fd=9"], { "9": "socket" }],
  ["--fd=250", ["--fd=250"], { "250": "socket" }],
  ["the last one given", ["--fd=7", "--fd=5"], { "5": "socket" }],
  ["--listen-fds: 3", ["--listen-fds"], { "3": "socket" }],
  ["--listen-fds with --fd=0: both", ["--listen-fds", "--fd=0"], { "0": "socket", "3": "socket" }],
  ["--listen-fds with --fd=8: both", ["--listen-fds", "--fd=8"], { "3": "socket", "8": "socket" }],
  ["--listen-fds with --fd=3: one", ["--listen-fds", "--fd=3"], { "3": "socket" }],
])("%s", async (_, args, expected) => {
  expect(await descriptors("", args)).toEqual({ ...usual, ...expected });
});

test("one that is open is replaced, and others stay", async () => {
  const script = `4<${file} 5<${file}`;
  const expected = { ...usual, "4": file, "5": "socket" };
  expect(await descriptors(script, ["--fd=5"])).toEqual(expected);
  expect(await descriptors(script, ["--listen-fds", "--fd=5"])).toEqual({ ...expected, "3": "socket" });
});

test.each<[string, string[], number[]]>([
  ["<&-", [], [0]],
  ["<&-", ["--fd=1"], [1]],
  ["<&-", ["--fd=5"], [5]],
  ["<&-", ["--listen-fds"], [3]],
  [">&-", ["--fd=1"], [1]],
  [">&-", ["--fd=5"], [5]],
  ["2>&-", ["--fd=2"], [2]],
  ["2>&-", ["--listen-fds"], [3]],
  ["<&- >&- 2>&-", ["--fd=2"], [2]],
  ["<&- >&- 2>&-", ["--listen-fds", "--fd=1"], [1, 3]],
])("closed before, by %s: %p", async (script, args, sockets) => {
  const closed = script.split(" ").map((word) => ({ "<": 0, ">": 1, "2": 2 })[word.charAt(0)]);
  const open = Object.entries(usual).filter(([fd]) => !closed.includes(Number(fd)));
  const expected = [...open, ...sockets.map((fd) => [fd, "socket"])];
  expect(await descriptors(script, args)).toEqual(Object.fromEntries(expected));
});

test("stdin can be read if the socket is elsewhere", async () => {
  const options = { stdin: new Blob(["all of it"]) };
  expect(await bind(["--fd=3", "127.0.0.1", "0", "cat"], options)).toEqual(ok("all of it"));
});

testWith(["cc"], "the descriptor listens, is non-blocking unless -B is given, and stays open", async () => {
  const probe = await compile("probe.c", scratch());
  for (const [args, nonblocking] of [
    [["--fd=6"], true],
    [["--fd=6", "-B"], false],
  ] as const) {
    const { stdout } = await bind([...args, "127.0.0.1", "0", "sh", "-c", 'exec "$0" <&6', probe]);
    expect(JSON.parse(stdout).socket).toMatchObject({ listening: true, nonblocking, cloexec: 0 });
  }
});

test.each<[string, string[], number]>([
  ["--fd", ["--fd=20"], 20],
  ["--fd, far beyond", ["--fd=2147483647"], 2147483647],
  ["--fd with --listen-fds", ["--fd=20", "--listen-fds"], 20],
])("beyond the limit of open files: %s", async (_, args, descriptor) => {
  const script = 'ulimit -n 20; exec "$binder" "$@"';
  expect(await sh(script, [...args, "127.0.0.1", "0", "echo", "executed"])).toEqual(
    fatal(`descriptor ${descriptor} is beyond the limit of open files, 20`),
  );
  expect(await sh(script, ["--fd=19", "127.0.0.1", "0", "echo", "executed"])).toEqual(ok("executed\n"));
});

test.each([[["--fd=2"]], [["--listen-fds", "--fd=2"]]])("messages are still seen with %j", async (args) => {
  expect(await bind([...args, "127.0.0.1", "0", "/nonexistent"])).toEqual(
    fatal("unable to exec /nonexistent: No such file or directory", 127),
  );
});

test.each(["--fd=3", "--report-fd=3"])("%s: not in place of a socket that is passed", async (option) => {
  const args = ["127.0.0.1", "0"];
  expect(
    await bind(["--listen-fds", ...args, executable, "--listen-fds", option, ...args, "echo", "executed"]),
  ).toEqual(fatal("descriptor 3 is a socket that is passed already"));
});
