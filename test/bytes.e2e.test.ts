/** What prog is given: its arguments and the environment, byte for byte, and our process. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bind, compile, executable, fatal, ok, run, scratch, sh, testWith } from "./support/harness.ts";

const directory = scratch();
const out = join(directory, "out");

/** Run a shell script; $1 is printf's notation of `bytes`. @returns what it printed, one character per byte. */
async function printed(script: string, bytes: number[]): Promise<string> {
  const octal = bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const result = await sh(`cd "$2" && exec >"$3" 2>&1 && ${script}`, [octal, directory, out]);
  expect(result).toEqual(ok());
  return readFileSync(out, "latin1");
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);
const text = (bytes: number[]) => String.fromCharCode(...bytes);

test.each<[string, number[]]>([
  ["every byte", range(1, 255)],
  ["UTF-8", [...Buffer.from("é€𝄞")]],
  ["cut-off UTF-8", [0xe2, 0x82]],
  ["a lone surrogate", [0xed, 0xa0, 0x80]],
  ["overlong", [0xc0, 0xaf]],
  ["a byte order mark", [0xef, 0xbb, 0xbf, 0x78]],
])("prog's arguments, byte for byte: %s", async (_, bytes) => {
  const script = `exec "$binder" 127.0.0.1 0 printf '%s|' "$(printf "$1")" "" "-d" "$(printf "$1")"`;
  // The shell takes off a newline at the end only.
  expect(await printed(script, bytes)).toBe(`${text(bytes)}||-d|${text(bytes)}|`);
});

test("as many arguments, and as long, as the kernel takes", async () => {
  const args = ["x".repeat(128 * 1024 - 1), ...range(1, 10_000).map(String)];
  const result = await bind(["127.0.0.1", "0", "printf", "%s\\n", ...args]);
  expect(result.stderr).toBe("");
  expect(result.stdout === `${args.join("\n")}\n`, "the arguments came back").toBe(true);
});

test("prog and its directory in PATH need not be UTF-8", async () => {
  const script = `prog=$(printf "$1"); mkdir "d$prog" && printf '#!/bin/sh\nprintf %%s "$0"' >"d$prog/$prog" &&
    chmod 755 "d$prog/$prog" && PATH="$PWD/d$prog:$PATH" && exec "$binder" 127.0.0.1 0 "$prog"`;
  const prog = text([0x70, 0xff, 0xe9]);
  expect(await printed(script, [0x70, 0xff, 0xe9])).toBe(`${directory}/d${prog}/${prog}`);
});

test("a message shows the bytes of prog as they are", async () => {
  const script = `PATH=/nonexistent "$binder" 127.0.0.1 0 "$(printf "$1")"; [ $? = 127 ]`;
  const { stderr } = fatal("unable to exec p\xff\xe9: No such file or directory");
  expect(await printed(script, [0x70, 0xff, 0xe9])).toBe(stderr);
});

test("the environment is handed on as it is", async () => {
  const env = { Z: "1", EMPTY: "", A: "a=b\nc", PATH: process.env["PATH"]!, ÜMLAUT: "é" };
  const result = await bind(["127.0.0.1", "0", "cat", "/proc/self/environ"], { env });
  const entries = Object.entries(env).map(([key, value]) => `${key}=${value}\0`);
  expect(result).toEqual(ok(entries.join("")));
});

test("an empty environment stays empty", async () => {
  const result = await bind(["127.0.0.1", "0", "cat", "/proc/self/environ"], { env: {} });
  expect(result).toEqual(ok());
});

test("the environment need not be UTF-8", async () => {
  const script = `exec env -i "$(printf "N$1=$1")" "$binder" 127.0.0.1 0 /bin/cat /proc/self/environ`;
  expect(await printed(script, [0xff, 0xe9])).toBe("N\xff\xe9=\xff\xe9\0");
});

testWith(["cc"], "an odd environment is handed on, too", async () => {
  const odd = await compile("odd-environment.c", scratch());
  const result = await run([odd, executable, "127.0.0.1", "0", "cat", "/proc/self/environ"]);
  const entries = ["TWICE=1", "no equals sign", "", "=", "PATH=/usr/bin:/bin", "TWICE=2"];
  expect(result).toEqual(ok(entries.map((entry) => `${entry}\0`).join("")));
});

test("prog is the same process", async () => {
  const { stdout } = await sh("echo $$; exec \"$binder\" 127.0.0.1 0 sh -c 'echo $$ $PPID'; echo no");
  const [pid] = stdout.split("\n");
  expect(stdout).toBe(`${pid}\n${pid} ${process.pid}\n`);
});
