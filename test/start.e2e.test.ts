/** What `npm start` runs, after the build. */

import { expect } from "bun:test";
import { join } from "node:path";
import { root, run, spawn, testWith } from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";

const command = [process.execPath, join(root, "scripts/start.ts")];

testWith(
  [...networkTools, "node", "curl"],
  "an HTTP server on 127.0.0.1:8080, whose URL is printed",
  () =>
    inNetwork("", async (inside) => {
      await using server = spawn([...inside, ...command], ["ignore", "pipe", "inherit"]);
      const reader = server.stdout.getReader();
      const { value } = await reader.read();
      expect(Buffer.from(value ?? []).toString()).toBe("http://127.0.0.1:8080/\n");
      const { stdout } = await run([...inside, "curl", "-s", "http://127.0.0.1:8080/hello"]);
      expect(stdout).toStartWith("GET /hello");
    }),
  // A build may take long where the machine has other things to do.
  90_000,
);
