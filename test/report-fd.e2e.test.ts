/** --report-fd: the address, and that the socket is ready, told to whoever started us. */

import { expect, test } from "bun:test";
import { readlinkSync } from "node:fs";
import { bind, executable, fatal, name, run, scratch, sh, testWith } from "./support/harness.ts";
import { asleep, listener } from "./support/listener.ts";
import { inNetwork, networkTools } from "./support/network.ts";
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

test("it may be stdin, if the socket is elsewhere", async () => {
  const script = '"$binder" --report-fd=0 --fd=4 127.0.0.1 0 ls /proc/self/fd 0>line; cat line';
  const { stdout, stderr } = await sh(script, [], { cwd: scratch() });
  expect(stderr).toBe("");
  // Descriptor 0 is free again: ls reads the directory by it.
  expect(stdout).toMatch(/^0\n1\n2\n4\n127\.0\.0\.1 \d+\n$/);
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
  const { stderr, exit } = await bind(["--report-fd=2", "127.0.0.1", "0", "/nonexistent"]);
  const [report, message] = stderr.split("\n");
  expect(report).toMatch(/^127\.0\.0\.1 \d+$/);
  expect({ message, exit }).toEqual({
    message: `${name}: fatal: unable to exec /nonexistent: No such file or directory`,
    exit: 127,
  });
});
