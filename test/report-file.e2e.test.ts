/** --report-file: the address in a file, which is replaced in one step or not at all. */

import { expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bind, executable, fatal, ok, run, scratch, sh, testWith } from "./support/harness.ts";
import { asNobody, everyonesExecutable } from "./support/network.ts";
import { contents, line } from "./support/reports.ts";

test("a new file, there before prog runs", async () => {
  const cwd = scratch();
  const args = ["--report-file=report", "127.0.0.1", "0", "cat", "report"];
  const { stdout, stderr } = await sh('umask 027; exec "$binder" "$@"', args, { cwd });
  expect(stderr).toBe("");
  expect(stdout).toMatch(line);
  expect(readdirSync(cwd)).toEqual(["report"]);
  expect(statSync(join(cwd, "report")).mode & 0o777).toBe(0o640);
});

test("together with --report-fd", async () => {
  const cwd = scratch();
  const { stdout } = await bind(["--report-file=r", "--report-fd=1", "::1", "0", "true"], { cwd });
  expect(stdout).toStartWith("::1 ");
  expect(readFileSync(join(cwd, "r"), "utf8")).toBe(stdout);
});

test.each(["./report", "../report", "a/b c/report", "-", "n".repeat(255), "\u00fc\u0416.txt"])(
  "a path: %s",
  async (path) => {
    const directory = scratch();
    const cwd = join(directory, "cwd");
    mkdirSync(join(cwd, "a/b c"), { recursive: true });
    const result = await bind([`--report-file=${path}`, "127.0.0.1", "0", "true"], { cwd });
    expect(result).toEqual(ok());
    expect(readFileSync(join(cwd, path), "utf8")).toMatch(line);
  },
);

test("an existing file is replaced, not written to", async () => {
  const cwd = scratch();
  const [file, link] = [join(cwd, "report"), join(cwd, "link")];
  writeFileSync(file, "old contents, longer than the line that is to replace them\n");
  linkSync(file, link);
  const { exit } = await bind(["--report-file=report", "127.0.0.1", "0", "true"], { cwd });
  expect(exit).toBe(0);
  expect(readFileSync(file, "utf8")).toMatch(line);
  expect(readFileSync(link, "utf8")).toStartWith("old contents");
  expect(readdirSync(cwd).sort()).toEqual(["link", "report"]);
});

test("a path that is bytes, not text", async () => {
  const script = '"$binder" --report-file="$(printf "a\\377b")" 127.0.0.1 0 true; printf %s * | base64';
  const { stdout, stderr } = await sh(script, [], { cwd: scratch() });
  expect({ stderr, bytes: [...Buffer.from(stdout, "base64")] }).toEqual({
    stderr: "",
    bytes: [0x61, 0xff, 0x62],
  });
});

test.each([
  ["file/report", "Not a directory"],
  ["missing/report", "No such file or directory"],
  ["missing/", "No such file or directory"],
  ["/dev/full", "No space left on device"],
  ["/dev/fd/9", "Bad file descriptor"],
  ["/proc/self/fd/9", "Bad file descriptor"],
  ["/proc/sys/report", "No such file or directory"],
  [".", "Is a directory"],
  ["directory", "Is a directory"],
  ["directory/", "Is a directory"],
  ["link/", "Not a directory"],
  ["into-nowhere", "No such file or directory"],
  ["loop", "Too many levels of symbolic links"],
  ["loop/report", "Too many levels of symbolic links"],
  ["socket", "No such device or address"],
  ["n".repeat(256), "File name too long"],
])("cannot be written: %s", async (path, reason) => {
  const cwd = scratch();
  mkdirSync(join(cwd, "directory"));
  writeFileSync(join(cwd, "file"), "contents\n");
  symlinkSync("file", join(cwd, "link"));
  symlinkSync("nowhere/report", join(cwd, "into-nowhere"));
  symlinkSync("loop", join(cwd, "loop"));
  const socket = Bun.listen({ unix: join(cwd, "socket"), socket: { data() {} } });
  const before = contents(cwd);
  const command = [`--report-file=${path}`, "127.0.0.1", "0", "touch", "executed"];
  expect(await bind(command, { cwd })).toEqual(fatal(`unable to write ${path}: ${reason}`));
  expect(contents(cwd)).toEqual(before);
  socket.stop(true);
});

test.each([0o600, 0o640, 0o666, 0o444])("a file keeps its mode: %o", async (mode) => {
  const cwd = scratch();
  const file = join(cwd, "report");
  writeFileSync(file, "");
  chmodSync(file, mode);
  const script = 'umask 022; exec "$binder" --report-file=report 127.0.0.1 0 true';
  expect(await sh(script, [], { cwd })).toEqual(ok());
  expect(readFileSync(file, "utf8")).toMatch(line);
  expect(statSync(file).mode & 0o7777).toBe(mode);
});

testWith(["root"], "a file keeps its owner", async () => {
  const cwd = scratch();
  const file = join(cwd, "report");
  writeFileSync(file, "");
  chownSync(file, 65534, 1234);
  expect(await bind(["--report-file=report", "127.0.0.1", "0", "true"], { cwd })).toEqual(ok());
  expect(readFileSync(file, "utf8")).toMatch(line);
  expect(statSync(file)).toMatchObject({ uid: 65534, gid: 1234 });
});

test("many at once in one directory", async () => {
  const cwd = scratch();
  const all = Array.from({ length: 50 }, (_, i) =>
    bind([`--report-file=${i % 2 ? "shared" : i}`, "127.0.0.1", "0", "true"], { cwd }),
  );
  expect(await Promise.all(all)).toEqual(all.map(() => ok()));
  const files = readdirSync(cwd);
  expect(files).toHaveLength(26);
  for (const file of files) expect(readFileSync(join(cwd, file), "utf8")).toMatch(line);
});

testWith(["root", "setpriv"], "a directory that may not be written to", async () => {
  const binder = everyonesExecutable();
  const cwd = scratch();
  writeFileSync(join(cwd, "report"), "old\n");
  const command = [...asNobody, binder, "--report-file=report", "127.0.0.1", "0", "echo", "executed"];
  await run(["chmod", "755", cwd]);
  expect(await run(command, { cwd })).toEqual(fatal("unable to write report: Permission denied"));
  expect(contents(cwd)).toEqual([["report", "old\n"]]);
});

testWith(["root", "unshare", "mount"], "a file system that is full", async () => {
  // In a mount namespace, which takes the file system with it when it ends.
  const script = `
    mount -t tmpfs -o size=4k none . && cd "$PWD" && echo old >report || exit
    "$binder" --report-file=report 127.0.0.1 0 echo executed
    echo "exit $?"; ls -A; cat report`;
  const options = { cwd: scratch(), env: { ...process.env, binder: executable } };
  expect(await run(["unshare", "--mount", "sh", "-c", script], options)).toEqual({
    ...ok("exit 111\nreport\nold\n"),
    stderr: fatal("unable to write report: No space left on device").stderr,
  });
});

test("no file if the socket cannot be had", async () => {
  const cwd = scratch();
  const args = ["--report-file=report", "--congestion=nonesuch", "127.0.0.1", "0", "true"];
  expect((await bind(args, { cwd })).exit).toBe(111);
  expect(readdirSync(cwd)).toEqual([]);
});

test("no file if the descriptor cannot be told", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, "report"), "old\n");
  const script = 'exec "$binder" --report-file=report --report-fd=7 127.0.0.1 0 echo executed 7>/dev/full';
  expect(await sh(script, [], { cwd })).toEqual(
    fatal("unable to report to descriptor 7: No space left on device"),
  );
  expect(contents(cwd)).toEqual([["report", "old\n"]]);
});

test("a limit on the size of files", async () => {
  const cwd = scratch();
  const script = 'ulimit -f 0; exec "$binder" --report-file=report 127.0.0.1 0 echo executed';
  expect(await sh(script, [], { cwd })).toEqual(fatal("unable to write report: File too large"));
  expect(contents(cwd)).toEqual([]);
});
