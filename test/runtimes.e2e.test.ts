/** What Node.js and Bun do with a socket that they get: the README names what opens another without a word. */

import { expect } from "bun:test";
import { executable, spawn, testWith } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

/** A program that prints on which port its server listens on a descriptor, as it believes. */
function listening(module: "http" | "net", fd: number): string {
  return `const server = require("${module}").createServer();
    server.listen({ fd: ${fd} }, () => console.log(server.address().port))`;
}

/** A program that prints on which port it receives datagrams on a descriptor, as it believes. */
function receiving(fd: number): string {
  return `const socket = require("dgram").createSocket("udp4");
    socket.bind({ fd: ${fd} }, () => console.log(socket.address().port))`;
}

/** Bun.serve(), which would take port 3000 if it were free. */
const serving = 'console.log(Bun.serve({ fd: 0, port: 0, fetch: () => new Response("") }).port)';

const rows: [title: string, takes: boolean, options: string[], runtime: "node" | "bun", program: string][] = [
  ["Node.js's node:http", true, [], "node", listening("http", 0)],
  ["Node.js's node:dgram, descriptor 0", false, ["-mDb0"], "node", receiving(0)],
  ["Node.js's node:dgram, descriptor 4", true, ["-mDb0", "--fd=4"], "node", receiving(4)],
  ["Bun.serve()", false, [], "bun", serving],
  ["Bun's node:http, descriptor 0", false, [], "bun", listening("http", 0)],
  ["Bun's node:http, descriptor 4", false, ["--fd=4"], "bun", listening("http", 4)],
  ["Bun's node:net", true, [], "bun", listening("net", 0)],
  ["Bun's node:dgram, descriptor 0", false, ["-mDb0"], "bun", receiving(0)],
  ["Bun's node:dgram, descriptor 4", true, ["-mDb0", "--fd=4"], "bun", receiving(4)],
];

for (const [title, takes, options, runtime, program] of rows)
  testWith(
    runtime === "node" ? ["node"] : [],
    `${title} ${takes ? "takes it" : "opens another"}`,
    async () => {
      const port = String(freePort());
      const prog = [runtime === "bun" ? process.execPath : runtime, "-e", program];
      const command = [executable, ...options, "127.0.0.1", port, ...prog];
      await using server = spawn(command, ["ignore", "pipe", "inherit"]);
      const { value } = await server.stdout.getReader().read();
      const said = Buffer.from(value ?? [])
        .toString()
        .trim();
      expect(said).toMatch(/^\d+$/);
      expect(said === port).toBe(takes);
    },
  );
