/** --report-file, where a file cannot be replaced: it is written in place, as by the shell. */

import { expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, executable, ok, run, scratch, sh, testWith } from "./support/harness.ts";
import { asNobody, everyonesExecutable } from "./support/network.ts";
import { line } from "./support/reports.ts";

/** What the shell's `>` can write to, too: in place, links followed. */
test.each([
  ["a symbolic link to a file", "ln -s file path"],
  ["a symbolic link to nowhere", "ln -s nowhere path"],
  ["links to links", "mkdir directory; ln -s directory/link path; ln -s ../nowhere directory/link"],
])("%s", async (_, setup) => {
  const cwd = scratch();
  const longer = "longer than the line that is to replace it, in every case ever\n";
  writeFileSync(join(cwd, "file"), longer, { mode: 0o640 });
  await sh(setup, [], { cwd });
  const link = readlinkSync(join(cwd, "path"));
  const { ino, mode } = statSync(join(cwd, "file"));
  expect(await bind(["--report-file=path", "127.0.0.1", "0", "true"], { cwd })).toEqual(ok());
  expect(readFileSync(join(cwd, "path"), "utf8")).toMatch(line);
  expect(readlinkSync(join(cwd, "path"))).toBe(link);
  expect(statSync(join(cwd, "file"))).toMatchObject({ ino, mode });
});

test("a FIFO, once it has a reader", async () => {
  const script = 'mkfifo fifo; "$binder" --report-file=fifo 127.0.0.1 0 echo executed & cat fifo; wait';
  const { stdout, stderr } = await sh(script, [], { cwd: scratch() });
  expect(stderr).toBe("");
  expect(stdout.split("\n").sort()).toEqual(["", expect.stringMatching(/^127\.0\.0\.1 \d+$/), "executed"]);
});

test.each([
  ["/dev/null", /^end\n$/],
  ["/dev/stdout", /^127\.0\.0\.1 \d+\nend\n$/],
  ["/dev/fd/1", /^127\.0\.0\.1 \d+\nend\n$/],
  ["/proc/self/fd/1", /^127\.0\.0\.1 \d+\nend\n$/],
])("%s, which is a pipe", async (path, expected) => {
  const { stdout, stderr } = await bind([`--report-file=${path}`, "127.0.0.1", "0", "echo", "end"]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(expected);
});

test.each(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])(
  "%s, which is a file: where it is",
  async (path) => {
    const script = `{ echo begin; "$binder" --report-file=${path} 127.0.0.1 0 echo end; } >log; cat log`;
    const { stdout, stderr } = await sh(script, [], { cwd: scratch() });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^begin\n127\.0\.0\.1 \d+\nend\n$/);
  },
);

testWith(["socat"], "/dev/stdout, which is a socket, as under systemd", async () => {
  const script = '"$binder" --report-file=/dev/stdout 127.0.0.1 0 test -S /proc/self/fd/1 && echo socket';
  const { stdout } = await sh('exec socat -u SYSTEM:"$1" STDOUT', [script]);
  expect(stdout).toMatch(/^127\.0\.0\.1 \d+\nsocket\n$/);
});

test("a descriptor stays open: /dev/fd/5, and --fd=4", async () => {
  const script = 'exec "$binder" --report-file=/dev/fd/5 --fd=4 127.0.0.1 0 sh -c "echo end >&5" 5>&1';
  expect((await sh(script)).stdout).toMatch(/^127\.0\.0\.1 \d+\nend\n$/);
});

testWith(["root", "setpriv"], "a file that may be written to, in a directory that may not", async () => {
  const binder = everyonesExecutable();
  const cwd = scratch();
  const file = join(cwd, "report");
  writeFileSync(file, "longer than the line that is to replace it, in every case ever\n");
  chmodSync(file, 0o666);
  chmodSync(cwd, 0o755);
  const { ino } = statSync(file);
  const command = [...asNobody, binder, "--report-file=report", "127.0.0.1", "0"];
  expect(await run([...command, "true"], { cwd })).toEqual(ok());
  expect(readFileSync(file, "utf8")).toMatch(line);
  expect(statSync(file).ino).toBe(ino);
  expect(readdirSync(cwd)).toEqual(["report"]);
});

testWith(["root", "setpriv"], "a file of another user's, in a directory like /tmp", async () => {
  const binder = everyonesExecutable();
  const cwd = scratch();
  chmodSync(cwd, 0o1777);
  writeFileSync(join(cwd, "report"), "old\n");
  chmodSync(join(cwd, "report"), 0o666);
  const command = [...asNobody, binder, "--report-file=report", "127.0.0.1", "0", "true"];
  expect(await run(command, { cwd })).toEqual(ok());
  expect(readFileSync(join(cwd, "report"), "utf8")).toMatch(line);
  expect(statSync(join(cwd, "report"))).toMatchObject({ uid: process.getuid?.() });
  expect(readdirSync(cwd)).toEqual(["report"]);
});

testWith(["root", "unshare", "mount"], "a file that is mounted by itself, as into a container", async () => {
  const script = `
    echo outside >outside; echo inside >report; mount --bind outside report
    "$binder" --report-file=report 127.0.0.1 0 cat report && cat outside && ls -A`;
  const options = { cwd: scratch(), env: { ...process.env, binder: executable } };
  const { stdout, stderr } = await run(["unshare", "--mount", "sh", "-ec", script], options);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^(127\.0\.0\.1 \d+\n)\1outside\nreport\n$/);
});
