/** --report-fd: the address, and that the socket is ready, told to whoever started us. */

import { expect, test } from "bun:test";
import { chmodSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, executable, fatal, name, run, scratch, sh, testWith } from "./support/harness.ts";
import { asleep, listener } from "./support/listener.ts";
import { asNobody, everyonesExecutable, inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

test.each<[string, string[], RegExp]>([
  ["IPv4", ["127.0.0.1"], /^127\.0\.0\.1 [1-9]\d*\n$/],
  ["IPv6", ["::1"], /^::1 [1-9]\d*\n$/],
  ["IPv6, written in another way", ["0:0::1"], /^::1 [1-9]\d*\n$/],
  ["any IPv4 address", ["0.0.0.0"], /^0\.0\.0\.0 [1-9]\d*\n$/],
  ["any IPv6 address", ["::"], /^:: [1-9]\d*\n$/],
  ["dual-stack", ["--dual-stack", "::"], /^:: [1-9]\d*\n$/],
  ["UDP", ["--udp", "--backlog=0", "127.0.0.1"], /^127\.0\.0\.1 [1-9]\d*\n$/],
  ["UDP over IPv6", ["--udp", "--backlog=0", "::1"], /^::1 [1-9]\d*\n$/],
  ["not listening", ["--backlog=0", "127.0.0.1"], /^127\.0\.0\.1 [1-9]\d*\n$/],
])("the line: %s", async (_, args, expected) => {
  const { stdout, stderr, exit } = await bind(["--report-fd=1", ...args, "0", "true"]);
  expect({ stderr, exit }).toEqual({ stderr: "", exit: 0 });
  expect(stdout).toMatch(expected);
});

test("a port that was asked for", async () => {
  const port = freePort();
  expect((await bind(["--report-fd=1", "127.0.0.1", `${port}`, "true"])).stdout).toBe(`127.0.0.1 ${port}\n`);
});

testWith(networkTools, "a link-local address keeps its scope", async () => {
  const address = "ip address add fe80::1/64 dev lo nodad";
  await inNetwork(address, async (inside) => {
    const command = [executable, "--report-fd=1", "fe80::1%lo", "8000", "true"];
    expect((await run([...inside, ...command])).stdout).toBe("fe80::1%lo 8000\n");
  });
});

test("its reader sees the end at once, while prog runs", async () => {
  // `listener` reads to the end.
  await using listening = await listener(["127.0.0.1", "0", "sleep", "60"]);
  await asleep(listening.child.pid, "sleep");
  expect(() => readlinkSync(`/proc/${listening.child.pid}/fd/3`)).toThrow("ENOENT");
  expect(listening.child.exitCode).toBeNull();
});

test("the descriptor may be the one that the socket becomes", async () => {
  for (const option of ["--fd=3", "--listen-fds"]) {
    await using listening = await listener([option, "127.0.0.1", "0", "sleep", "60"]);
    await asleep(listening.child.pid, "sleep");
    expect(readlinkSync(`/proc/${listening.child.pid}/fd/3`)).toStartWith("socket:");
  }
});

/** What stdin, stdout and stderr are of a prog that was told of on one of them. */
test.each([
  [0, ["--fd=4"]],
  [0, ["--listen-fds"]],
  [1, []],
  [2, []],
])("a standard descriptor stays open: %d", async (fd, options) => {
  const cwd = scratch();
  // The data get a number of their own, and so the last line is not among them.
  const script = `exec 3>&- 4>&-; "$binder" --report-fd=${fd} "$@" ${fd}>log; cat log data`;
  const prog = `exec 9>data; echo data >&9; echo line >&${fd}`;
  const args = [...options, "127.0.0.1", "0", "sh", "-c", prog];
  const { stdout, stderr, exit } = await sh(script, args, { cwd });
  expect({ stderr, exit }).toEqual({ stderr: "", exit: 0 });
  expect(stdout).toMatch(/^127\.0\.0\.1 \d+\nline\ndata\n$/);
});

test("what prog opens first does not get the number of stdout", async () => {
  const script =
    '"$binder" --report-fd=1 127.0.0.1 0 sh -c "echo 1 >data; ls -l /proc/self/fd/1" >log; cat log';
  const { stdout } = await sh(script, [], { cwd: scratch() });
  expect(stdout).toMatch(/^127\.0\.0\.1 \d+\n.* \/proc\/self\/fd\/1 -> .*\/log\n$/);
});

test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 1000, 2147483647])(
  "descriptor %d is not open: fatal, before anything is bound",
  async (fd) => {
    const busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const args = [`--report-fd=${fd}`, "127.0.0.1", `${busy.port}`, "echo", "executed"];
    expect(await bind(args)).toEqual(fatal(`unable to report to descriptor ${fd}: Bad file descriptor`));
    busy.stop(true);
  },
);

test.each([
  ["a pipe whose reader has gone", "exec 9<>fifo 3>fifo 9>&-", "Broken pipe"],
  ["a descriptor for reading", "exec 3</dev/null", "Bad file descriptor"],
  ["a full device", "exec 3>/dev/full", "No space left on device"],
])("%s: fatal", async (_, open, reason) => {
  const script = `mkfifo fifo; ${open}; exec "$binder" --report-fd=3 127.0.0.1 0 echo executed`;
  expect(await sh(script, [], { cwd: scratch() })).toEqual(
    fatal(`unable to report to descriptor 3: ${reason}`),
  );
});

test.each(["", "trap '' PIPE; "])("prog's SIGPIPE is as it was: after `%s`", async (before) => {
  const shown = async (command: string) => {
    const script = `${before}exec 3>/dev/null; exec ${command} grep -E "^Sig(Blk|Ign|Cgt)" /proc/self/status`;
    const { stdout, exit } = await sh(script);
    expect(exit).toBe(0);
    return stdout;
  };
  const plain = await shown("");
  expect(await shown('"$binder" --report-fd=3 127.0.0.1 0')).toBe(plain);
});

test("messages are still seen where the report goes to stderr", async () => {
  const cwd = scratch();
  writeFileSync(join(cwd, "text"), "no program\n", { mode: 0o755 });
  const { stderr, exit } = await bind(["--report-fd=2", "127.0.0.1", "0", "./text"], { cwd });
  const [report, message] = stderr.split("\n");
  expect(report).toMatch(/^127\.0\.0\.1 \d+$/);
  expect({ message, exit }).toEqual({
    message: `${name}: fatal: unable to exec ./text: Exec format error`,
    exit: 126,
  });
});

/** What is known not to be executable is not reported, and what is said of it is the same as without a report. */
test.each(["/nonexistent", "nonexistent", "", ".", "/", "/bin", "./data", "data", "./data/x", "loop/x"])(
  "no report of a prog that cannot be executed: %j",
  async (prog) => {
    const cwd = scratch();
    writeFileSync(join(cwd, "data"), "");
    symlinkSync("loop", join(cwd, "loop"));
    for (const PATH of ["/nonexistent:/bin", ".", "./data:.", "", "::"]) {
      const options = { cwd, env: { PATH } };
      const without = await bind(["127.0.0.1", "0", prog], options);
      expect(without.exit).toBeOneOf([126, 127]);
      expect([PATH, await bind(["--report-fd=1", "127.0.0.1", "0", prog], options)]).toEqual([PATH, without]);
    }
  },
);

testWith(["root", "setpriv"], "no report of a prog that this user may not execute", async () => {
  const binder = everyonesExecutable();
  const cwd = scratch();
  chmodSync(cwd, 0o755);
  writeFileSync(join(cwd, "roots"), "#!/bin/sh\n", { mode: 0o700 });
  const command = [...asNobody, binder, "--report-fd=1", "127.0.0.1", "0", "./roots"];
  expect(await run(command, { cwd })).toEqual(fatal("unable to exec ./roots: Permission denied", 126));
});
