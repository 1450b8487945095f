/** How prog is found, and what it is told when it cannot be. */

import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, executable, fatal, ok, run, scratch, testWith } from "./support/harness.ts";
import { asNobody, everyonesExecutable } from "./support/network.ts";

/** Directories that hold a `prog`, each of another kind. */
const tree = scratch();
chmodSync(tree, 0o755);
for (const directory of [
  "good",
  "other",
  "plain",
  "text",
  "directory/prog",
  "orphan",
  "loop",
  "locked",
  "empty",
])
  mkdirSync(join(tree, directory), { recursive: true });

function file(path: string, content: string, mode: number): void {
  writeFileSync(join(tree, path), content);
  chmodSync(join(tree, path), mode);
}
const script = '#!/bin/sh\necho "$0"\n';
file("good/prog", script, 0o755);
file("other/prog", script, 0o755);
file("plain/prog", script, 0o644);
file("text/prog", "echo run by a shell\n", 0o755);
file("orphan/prog", "#!/nonexistent/interpreter\n", 0o755);
file("locked/prog", script, 0o755);
file("file", "", 0o755);
symlinkSync("prog", join(tree, "loop/prog"));
chmodSync(join(tree, "locked"), 0o700);

/** PATH of directories of the tree; "" is an empty component. */
const path = (directories: string[]) =>
  directories.map((directory) => directory && join(tree, directory)).join(":");

/** What is said of a prog that cannot be executed, and why not. */
const refused = (prog: string, reason: string, exit: number) =>
  fatal(`unable to exec ${prog}: ${reason}`, exit);

test.each<[string, string[], string]>([
  ["the first directory that has it", ["good", "other"], "good"],
  ["the second, if the first has nothing", ["empty", "other"], "other"],
  ["a directory that does not exist is passed over", ["nonexistent", "good"], "good"],
  ["a file in place of a directory is passed over", ["file", "good"], "good"],
  ["a file that is not executable is passed over", ["plain", "good"], "good"],
  ["a directory called prog is passed over", ["directory", "good"], "good"],
  ["a script whose interpreter is missing is passed over", ["orphan", "good"], "good"],
  ["empty components are passed over", ["", "", "good", ""], "good"],
])("PATH: %s", async (_, directories, found) => {
  const result = await bind(["127.0.0.1", "0", "prog"], { env: { PATH: path(directories) } });
  expect(result).toEqual(ok(`${tree}/${found}/prog\n`));
});

test.each<[string, string[], number, string]>([
  ["nothing anywhere", ["empty", "nonexistent"], 127, "No such file or directory"],
  ["empty", [], 127, "No such file or directory"],
  ["nothing but empty components", ["", "", ""], 127, "No such file or directory"],
  ["a missing interpreter", ["orphan"], 127, "No such file or directory"],
  ["not executable", ["plain"], 126, "Permission denied"],
  ["a directory", ["directory"], 126, "Permission denied"],
  ["a file in place of a directory", ["file"], 126, "Not a directory"],
  ["no #!, and no shell to the rescue", ["text"], 126, "Exec format error"],
  ["of two errors, the last: EACCES", ["file", "plain"], 126, "Permission denied"],
  ["of two errors, the last: ENOTDIR", ["plain", "file"], 126, "Not a directory"],
  ["an error outlives directories with nothing", ["empty", "plain", "empty"], 126, "Permission denied"],
  ["no #! ends the search", ["plain", "text", "good"], 126, "Exec format error"],
  ["a loop of links ends the search", ["loop", "good"], 126, "Too many levels of symbolic links"],
])("PATH, not found: %s", async (_, directories, exit, reason) => {
  // The current directory has a prog, which must never be run.
  const options = { env: { PATH: path(directories) }, cwd: join(tree, "good") };
  const result = await bind(["127.0.0.1", "0", "prog"], options);
  expect(result).toEqual(refused("prog", reason, exit));
});

test.each<[string, string, number, string]>([
  ["a missing file", "./nonexistent", 127, "No such file or directory"],
  ["a missing directory", "nonexistent/prog", 127, "No such file or directory"],
  ["a missing interpreter", "orphan/prog", 127, "No such file or directory"],
  ["not executable", "plain/prog", 126, "Permission denied"],
  ["a directory", "./good", 126, "Permission denied"],
  ["a file in place of a directory", "file/prog", 126, "Not a directory"],
  ["no #!", "text/prog", 126, "Exec format error"],
  ["a loop of links", "loop/prog", 126, "Too many levels of symbolic links"],
  ["a name of 256 bytes", `./${"x".repeat(256)}`, 126, "File name too long"],
])("with a slash: %s", async (_, prog, exit, reason) => {
  // PATH has one that works, which must never be run.
  const result = await bind(["127.0.0.1", "0", prog], { env: { PATH: path(["good"]) }, cwd: tree });
  expect(result).toEqual(refused(prog, reason, exit));
});

test("PATH: an empty component is not the root directory either", async () => {
  const result = await bind(["127.0.0.1", "0", "proc"], { env: { PATH: "::" } });
  expect(result).toEqual(refused("proc", "No such file or directory", 127));
});

test("with a slash: relative to the current directory", async () => {
  const result = await bind(["127.0.0.1", "0", "good/prog"], { env: { PATH: path(["other"]) }, cwd: tree });
  expect(result).toEqual(ok("good/prog\n"));
});

test("PATH: a relative directory", async () => {
  const result = await bind(["127.0.0.1", "0", "prog"], { env: { PATH: "empty:good" }, cwd: tree });
  expect(result).toEqual(ok("good/prog\n"));
});

test("PATH unset: found in /usr/bin:/bin", async () => {
  const result = await bind(["127.0.0.1", "0", "echo", "hello"], { env: {}, cwd: tree });
  expect(result).toEqual(ok("hello\n"));
});

test("PATH unset: not found in the current directory", async () => {
  const result = await bind(["127.0.0.1", "0", "prog"], { env: {}, cwd: join(tree, "good") });
  expect(result).toEqual(refused("prog", "No such file or directory", 127));
});

testWith(["root", "setpriv", "env"], "PATH: an unreadable directory, as nobody", async () => {
  const binder = everyonesExecutable();
  const asNobodyWith = (directories: string[]) =>
    run([...asNobody, "env", `PATH=${path(directories)}`, binder, "127.0.0.1", "0", "prog"]);
  expect(await asNobodyWith(["locked", "good"])).toEqual(ok(`${tree}/good/prog\n`));
  const denied = refused("prog", "Permission denied", 126);
  expect(await asNobodyWith(["locked"])).toEqual(denied);
  expect(await asNobodyWith(["locked", "nonexistent"])).toEqual(denied);
});

testWith(["sh"], "a program that is being written cannot be executed", async () => {
  const busy = join(scratch(), "busy");
  const holdOpen = 'cp /bin/true "$1" && exec 9>>"$1" && exec "$0" 127.0.0.1 0 "$1"';
  expect(await run(["sh", "-c", holdOpen, executable, busy])).toEqual(refused(busy, "Text file busy", 126));
});

test("PATH of 3000 directories: found each time", async () => {
  // The engine's own work, after so many rounds, once changed errno before it was read: 126, now and then.
  const PATH = `${"/nonexistent:".repeat(3000)}${join(tree, "good")}`;
  for (let i = 0; i < 100; i++) {
    expect(await bind(["127.0.0.1", "0", "prog"], { env: { PATH } })).toMatchObject({ stderr: "", exit: 0 });
  }
}, 30_000);
