/** Deferred accept, TCP Fast Open and Multipath TCP, where the kernel has them. */

import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { executable, fatal, program, run, testWith } from "./support/harness.ts";
import { get, listener } from "./support/listener.ts";
import { inNetwork, networkTools } from "./support/network.ts";

/** It numbers the connections as it accepts them. */
const server = program("serve.c");

/** Connect to 127.0.0.1. */
async function client(port: string) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(Number(port), "127.0.0.1", resolve).once("error", reject);
  await promise;
  const answer = text(socket).then((http) => http.split("\r\n\r\n")[1]);
  return {
    answer,
    send: (data: string) => socket.write(data),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

testWith(["cc"], "--defer-accept: connections are accepted in the order of their data", async () => {
  for (const [option, order] of [
    ["--defer-accept=60", ["server 2\n", "server 1\n"]],
    ["--no-delay", ["server 1\n", "server 2\n"]],
  ] as const) {
    await using listening = await listener([option, "127.0.0.1", "0", await server(), "server"]);
    using silent = await client(listening.port);
    using talkative = await client(listening.port);
    talkative.send("data");
    const second = await talkative.answer;
    silent.send("data");
    expect([option, await silent.answer, second]).toEqual([option, ...order]);
  }
});

/** A counter of the network namespace, such as TcpExt TCPFastOpenPassive; undefined if there is none. */
async function counter(inside: string[], group: string, name: string): Promise<number | undefined> {
  const { stdout } = await run([...inside, "cat", "/proc/net/netstat"]);
  const [names, values] = stdout.split("\n").filter((line) => line.startsWith(`${group}: `));
  const at = names?.split(" ").indexOf(name) ?? -1;
  return at < 0 ? undefined : Number(values?.split(" ")[at]);
}

testWith([...networkTools, "cc", "curl"], "--fast-open: data comes with the first packet", async () => {
  // For clients and servers, and without a cookie from an earlier connection.
  const allow = `echo ${0x1 | 0x2 | 0x4 | 0x200} >/proc/sys/net/ipv4/tcp_fastopen`;
  await inNetwork(allow, async (inside) => {
    const passive = () => counter(inside, "TcpExt", "TCPFastOpenPassive");
    for (const [option, opened] of [
      ["--no-delay", 0],
      ["--fast-open=5", 1],
    ] as const) {
      await using listening = await listener([option, "127.0.0.1", "0", await server(), "fast"], inside);
      expect(await get(listening.url, inside, ["--tcp-fastopen"])).toBe("fast 1\n");
      expect(await passive()).toBe(opened);
    }
  });
});

/** A client that says what it is answered; curl cannot speak Multipath TCP. */
const multipathClient = `
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)  # IPPROTO_MPTCP
client.connect(("127.0.0.1", int(sys.argv[1])))
print(client.makefile().read(), end="")`;

const mptcp = "/proc/sys/net/mptcp/enabled";

testWith(
  [...networkTools, "cc", "curl", "python3"],
  "--mptcp: connections by both kinds of TCP",
  async () => {
    if (!existsSync(mptcp)) return refuses([]);
    await inNetwork(`echo 1 >${mptcp}`, async (inside) => {
      const capable = () => counter(inside, "MPTcpExt", "MPCapableSYNRX");
      for (const [option, joined] of [
        ["--no-delay", 0],
        ["--mptcp", 1],
      ] as const) {
        await using listening = await listener([option, "127.0.0.1", "0", await server(), "server"], inside);
        expect(await get(listening.url, inside)).toBe("server 1\n");
        const { stdout } = await run([...inside, "python3", "-c", multipathClient, listening.port]);
        expect(stdout).toEndWith("server 2\n");
        expect([option, await capable()]).toEqual([option, joined]);
      }
    });
  },
);

testWith(networkTools, "--mptcp: a clear error where it is switched off", async () => {
  await inNetwork(`if test -e ${mptcp}; then echo 0 >${mptcp}; fi`, refuses);
});

async function refuses(inside: string[]) {
  const reason = existsSync(mptcp) ? "Protocol not available" : "Protocol not supported";
  expect(await run([...inside, executable, "--mptcp", "::", "0", "echo", "executed"])).toEqual(
    fatal(`unable to create socket: ${reason}`),
  );
}
