/** Programs of examples/ that need no supervisor, started by the command in their first lines. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { executable, root, spawn, testWith, until } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

/** Start an example on a port of its own: its command is a comment, of which the lines go on. */
function example(file: string) {
  const port = freePort();
  const text = readFileSync(join(root, "examples", file), "utf8");
  const command = [...text.matchAll(/^\/\/ {3}(.*)$/gm)].map(([, line]) => line).join("\n");
  const env = { ...process.env, PATH: `${dirname(executable)}:${process.env["PATH"]}` };
  const script = `exec ${command.replaceAll(/ 8\d{3} /g, ` ${port} `)}`;
  const server = spawn(["sh", "-c", script], ["ignore", "ignore", "inherit"], {
    env,
    cwd: join(root, "examples"),
  });
  return { port, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** What a server answers to a datagram, and to whom it does so again: undefined if there is no answer yet. */
async function ask(port: number, message: string): Promise<string | undefined> {
  const answer = Promise.withResolvers<string | undefined>();
  const client = await Bun.udpSocket({
    connect: { hostname: "127.0.0.1", port },
    socket: { data: (_, data) => answer.resolve(data.toString()), error: () => answer.resolve(undefined) },
  });
  client.send(message);
  const timer = setTimeout(() => answer.resolve(undefined), 500);
  const first = await answer.promise;
  clearTimeout(timer);
  client.close();
  return first;
}

/** The same by TCP. */
async function echoed(port: number, message: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  const client = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: { data: (_, data) => answer.resolve(data.toString()) },
  });
  client.write(message);
  const text = await answer.promise;
  client.end();
  return text;
}

testWith(["node"], "tcp-and-udp.js: both protocols on one port", async () => {
  await using echo = example("tcp-and-udp.js");
  const { port } = echo;
  expect(await until("an answer by UDP", () => ask(port, "hello"))).toBe("hello");
  expect(await echoed(port, "hello")).toBe("hello");
});

testWith(["node"], "workers.js: each has a socket, and clients of its own", async () => {
  await using servers = example("workers.js");
  const { port } = servers;
  const workers = new Set<string>();
  // A client is a port of its own; of many, some are of the one worker and some of the other.
  await until(
    "answers of two workers",
    async () => {
      const answer = await ask(port, "hello");
      if (answer !== undefined) workers.add(answer);
      return workers.size === 2 || undefined;
    },
    20,
  );
  for (const worker of workers) process.kill(Number(worker.replace("worker ", "")));
});
