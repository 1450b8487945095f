/** What `npm start` runs, after the build. */

import { expect } from "bun:test";
import { join } from "node:path";
import { fatal, root, run, spawn, testWith } from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";

const command = [process.execPath, join(root, "scripts/start.ts")];

/** How long a build may take where the machine has other things to do, in seconds. */
const BUILD = 90;

testWith(
  [...networkTools, "node", "curl"],
  "an HTTP server on 127.0.0.1:8080, whose URL is printed; or what the arguments say",
  () =>
    inNetwork("", async (inside) => {
      await using server = spawn([...inside, ...command], ["ignore", "pipe", "inherit"]);
      const reader = server.stdout.getReader();
      const { value } = await reader.read();
      expect(Buffer.from(value ?? []).toString()).toBe("http://127.0.0.1:8080/\n");
      const { stdout } = await run([...inside, "curl", "-s", "http://127.0.0.1:8080/hello"]);
      expect(stdout).toStartWith("GET /hello");

      // One that finds the port busy: one line, no stack trace.
      expect(await run([...inside, ...command, "0.0.0.0", "8080", "true"])).toEqual(
        fatal("unable to bind to 0.0.0.0 port 8080 : Address already in use"),
      );
    }),
  2 * BUILD * 1000,
);
