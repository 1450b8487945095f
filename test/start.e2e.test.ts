/** What `npm start` runs, after the build. */

import { expect } from "bun:test";
import { join } from "node:path";
import { answerOf, fatal, root, run, spawn, start, testWith } from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

const command = [process.execPath, join(root, "scripts/start.ts")];

/** How long a build may take where the machine has other things to do, in seconds. */
const BUILD = 90;

testWith(
  ["node"],
  "arguments are passed on",
  async () => {
    const port = String(freePort());
    await using server = start([...command, "127.0.0.1", port, "node", join(root, "examples/http.js")]);
    expect(await answerOf(`http://127.0.0.1:${port}/hello`, BUILD)).toStartWith("GET /hello");
    expect(server.exitCode).toBe(null);
  },
  BUILD * 1000,
);

testWith(
  [...networkTools, "node", "curl"],
  "without any: an HTTP server on 127.0.0.1:8080, whose URL is printed",
  () =>
    inNetwork("", async (inside) => {
      await using server = spawn([...inside, ...command], ["ignore", "pipe", "inherit"]);
      const reader = server.stdout.getReader();
      const { value } = await reader.read();
      expect(Buffer.from(value ?? []).toString()).toBe("http://127.0.0.1:8080/\n");
      const { stdout } = await run([...inside, "curl", "-s", "http://127.0.0.1:8080/hello"]);
      expect(stdout).toStartWith("GET /hello");

      // A second one finds the port busy: one line, no stack trace.
      expect(await run([...inside, ...command])).toEqual(
        fatal("unable to bind to 127.0.0.1 port 8080 : Address already in use"),
      );
    }),
  2 * BUILD * 1000,
);
