/** In a chain with other such programs: s6-applyuidgid, s6-supervise, ourselves. */

import { expect } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  answerOf,
  bind,
  compile,
  executable,
  fatal,
  ok,
  run,
  scratch,
  start,
  testWith,
  until,
} from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

/** A program for node that answers with the value of `expression`, on these sockets. */
const answering = (expression: string, ...fds: number[]) => `for (const fd of [${fds}])
  require("http").createServer((_, response) => response.end(String(${expression}))).listen({ fd });`;

testWith([...networkTools, "node", "s6-applyuidgid"], "bound to port 80 as root, served as nobody", () =>
  inNetwork("", async (inside) => {
    const drop = ["s6-applyuidgid", "-u", "65534", "-g", "65534", "-G", ""];
    const server = answering("[process.getuid(), process.getgid(), process.getgroups()]", 0);
    for (const [ip, host] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::1", "[::1]"],
    ] as const) {
      await using _server = start([...inside, executable, ip, "80", ...drop, "node", "-e", server]);
      const fetchInside = `console.log(await (await fetch("http://${host}/")).text())`;
      const answer = await until("an answer", async () => {
        const { exit, stdout } = await run([...inside, process.execPath, "-e", fetchInside]);
        return exit === 0 ? stdout : undefined;
      });
      expect(answer).toBe("65534,65534,65534\n");
    }
  }),
);

testWith(["cc"], "of two binders in a chain, the second one's socket counts", async () => {
  const probe = await compile("probe.c", scratch());
  const port = `${freePort()}`;
  // The same port: the first socket is closed before the second one is bound.
  const outer = ["-D", "127.0.0.1", port, executable];
  const result = await bind([...outer, ...outer, "-D", "::1", port, probe]);
  expect(result.stderr).toBe("");
  expect(JSON.parse(result.stdout).socket).toMatchObject({ ip: "::1", port, listening: true });
});

testWith(["node"], "two binders, and a server on the sockets of both", async () => {
  const port = `${freePort()}`;
  const server = answering("response.socket.localAddress", 0, 3, 9);
  await using _server = start([
    ...[executable, "127.0.0.1", port, "sh", "-c", 'exec "$@" 3<&0', "sh"],
    ...[executable, "127.0.0.2", port, "sh", "-c", 'exec "$@" 9<&0', "sh"],
    ...[executable, "::1", port, "node", "-e", server],
  ]);
  for (const ip of ["127.0.0.1", "127.0.0.2", "::1"]) {
    expect(await answerOf(`http://${ip.includes(":") ? `[${ip}]` : ip}:${port}/`)).toBe(ip);
  }
});

const TIME_WAIT = "06";

/** Whether the kernel remembers a connection of this port that the server closed. */
function lingers(port: string): boolean {
  const local = `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, "0")}`;
  const connections = readFileSync("/proc/net/tcp", "utf8").split("\n");
  return connections.some((line) => {
    const [, address, , state] = line.trim().split(/\s+/);
    return address === local && state === TIME_WAIT;
  });
}

testWith(
  ["s6-supervise", "s6-svc", "node"],
  "killed under s6-supervise: -d binds again at once",
  async () => {
    const service = join(scratch(), "service");
    const port = `${freePort()}`;
    const script = join(service, "run");
    mkdirSync(service);
    writeFileSync(
      script,
      `#!/bin/sh\nexec ${executable} -d 127.0.0.1 ${port} node -e '${answering("process.pid", 0)}'\n`,
    );
    chmodSync(script, 0o755);
    const url = `http://127.0.0.1:${port}/`;

    {
      await using _supervise = start(["s6-supervise", service]);
      const pid = Number(await answerOf(url));
      const client = await connect(port);
      process.kill(pid, "SIGKILL");
      await client.closed;
      await until("a connection in TIME_WAIT", () => lingers(port) || undefined);
      const again = Number(await answerOf(url));
      expect(again).not.toBe(pid);
    }

    // The service is down, and the connection still lingers.
    expect(lingers(port)).toBe(true);
    expect(await bind(["-D", "127.0.0.1", port, "true"])).toEqual(
      fatal(`unable to bind to 127.0.0.1 port ${port} : Address already in use`),
    );
    expect(await bind(["-d", "127.0.0.1", port, "true"])).toEqual(ok());
  },
);

/** A connection that has been accepted: its first request has been answered. */
async function connect(port: string): Promise<{ closed: Promise<void> }> {
  const closed = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(port),
    socket: {
      open: (socket) => void socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      data: () => answered.resolve(),
      close: () => closed.resolve(),
    },
  });
  await answered.promise;
  return { closed: closed.promise };
}
