/** --report-file, where prog cannot be executed: nobody is told of a service that is not there. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, ended, executable, fatal, scratch, sh, spawn, testWith, until } from "./support/harness.ts";
import { contents, line } from "./support/reports.ts";

/** A prog that looks as if it could be executed: only execve() tells that it cannot. */
function textFile(cwd: string): string[] {
  writeFileSync(join(cwd, "text"), "no program\n", { mode: 0o755 });
  return ["127.0.0.1", "0", "./text"];
}
const execError = fatal("unable to exec ./text: Exec format error", 126);

test.each([
  ["a file that was not there is gone", "", ["report"]],
  ["a file holds what it held", "echo old >report", ["report"]],
  ["a file of many pages holds what it held", "seq 100000 >report", ["report"]],
  ["a file that may not be written to holds what it held", "echo old >report; chmod 400 report", ["report"]],
  ["an empty file is empty", ": >report", ["report"]],
  ["what a link to nowhere leads to is gone", "ln -s nowhere report", ["report"]],
  ["the descriptors of a small limit are enough", "echo old >report", ["report", "--fd=3"]],
])("after a failed exec, %s", async (_, setup, [path, ...args]) => {
  const cwd = scratch();
  const prog = textFile(cwd);
  await sh(setup, [], { cwd });
  const before = contents(cwd);
  const mode = () => existsSync(join(cwd, "report")) && statSync(join(cwd, "report")).mode;
  const modeBefore = mode();
  expect(await bind([`--report-file=${path}`, ...(args as string[]), ...prog], { cwd })).toEqual(execError);
  expect(contents(cwd)).toEqual(before);
  expect(mode()).toBe(modeBefore);
});

test("after a failed exec, what was written in place stays", async () => {
  const cwd = scratch();
  const prog = textFile(cwd);
  writeFileSync(join(cwd, "file"), "old\n");
  symlinkSync("file", join(cwd, "report"));
  expect(await bind(["--report-file=report", ...prog], { cwd })).toEqual(execError);
  expect(readFileSync(join(cwd, "file"), "utf8")).toMatch(line);
});

test.each(["/nonexistent", "nonexistent", "."])(
  "prog cannot be found: %s, so nothing is written",
  async (prog) => {
    const cwd = scratch();
    writeFileSync(join(cwd, "report"), "old\n");
    const { ino } = statSync(join(cwd, "report"));
    const args = ["--report-file=report", "127.0.0.1", "0", prog];
    expect((await bind(args, { cwd })).exit).toBeOneOf([126, 127]);
    expect(statSync(join(cwd, "report")).ino).toBe(ino);
  },
);

test.each([
  ["#!/nonexistent\n", 127],
  ["#! /nonexistent -x\nexit\n", 127],
  ["#!/bin/sh\r\nexit\r\n", 127],
  ["#!\t/bin/sh\nexit 7\n", 7],
  ["#!/bin/sh -e\nexit 7\n", 7],
])("a script that begins with %j", async (text, exit) => {
  const cwd = scratch();
  writeFileSync(join(cwd, "script"), text, { mode: 0o755 });
  const { stdout, ...rest } = await bind(["--report-fd=1", "127.0.0.1", "0", "./script"], { cwd });
  const { stderr } = fatal("unable to exec ./script: No such file or directory", 127);
  expect(rest).toEqual({ exit, stderr: exit === 127 ? stderr : "" });
  expect(stdout).toMatch(exit === 127 ? /^$/ : line);
});

testWith(["strace"], "a file that took its place meanwhile is left alone", async () => {
  const cwd = scratch();
  const prog = textFile(cwd);
  const trace = ["strace", "-o", "/dev/null", "-e", "inject=execve:delay_exit=500000"];
  const child = spawn([...trace, executable, "--report-file=report", ...prog], ["ignore", "pipe", "pipe"], {
    cwd,
  });
  await until("the report", () => existsSync(join(cwd, "report")) || undefined);
  writeFileSync(join(cwd, "new"), "another's\n");
  renameSync(join(cwd, "new"), join(cwd, "report"));
  expect(await ended(child)).toEqual(execError);
  expect(readFileSync(join(cwd, "report"), "utf8")).toBe("another's\n");
});
