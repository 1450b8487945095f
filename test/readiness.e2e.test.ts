/** Who waits for the report: s6, and a shell script. */

import { expect } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, ok, root, run, scratch, sh, start, testWith, until } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

/** A service directory, supervised for as long as `body` runs. */
async function supervised(script: string, body: (service: string) => Promise<void>): Promise<void> {
  const service = join(scratch(), "service");
  mkdirSync(service);
  writeFileSync(join(service, "notification-fd"), "3\n");
  writeFileSync(join(service, "run"), `#!/bin/sh\nexec ${executable} ${script}\n`);
  chmodSync(join(service, "run"), 0o755);
  await using supervisor = start(["s6-supervise", service]);
  try {
    await until("s6-supervise", async () => (await run(["s6-svok", service])).exit === 0 || undefined);
    await body(service);
  } finally {
    await run(["s6-svc", "-xd", service]);
    await supervisor.exited;
  }
}

const s6 = ["s6-supervise", "s6-svc", "s6-svok", "s6-svwait", "s6-svstat"];
const ready = (service: string, milliseconds: number) =>
  run(["s6-svwait", "-U", "-t", `${milliseconds}`, service]);
const state = async (service: string) => (await run(["s6-svstat", "-o", "up,ready", service])).stdout;

testWith(s6, "s6-supervise: ready, with a prog that never says so", async () => {
  for (const options of ["--report-fd=3", "--report-fd=3 --listen-fds", "--report-fd=3 --udp --backlog=0"]) {
    await supervised(`${options} 127.0.0.1 0 sleep 600`, async (service) => {
      expect(await ready(service, 20_000)).toEqual(ok());
      expect(await state(service)).toBe("true true\n");
    });
  }
});

testWith(s6, "s6-supervise: not ready without the report", async () => {
  await supervised("127.0.0.1 0 sleep 600", async (service) => {
    expect((await ready(service, 500)).exit).toBe(99);
    expect(await state(service)).toBe("true false\n");
  });
});

testWith(
  [...s6, "curl"],
  "s6-supervise: ready when it listens, not while it waits for the port",
  async () => {
    const port = freePort();
    const busy = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
    const serve = `127.0.0.1 ${port} node ${join(root, "examples/http.js")}`;
    await supervised(`--wait=60 --report-fd=3 ${serve}`, async (service) => {
      expect((await ready(service, 500)).exit).toBe(99);
      expect(await state(service)).toBe("true false\n");
      busy.stop(true);
      expect((await ready(service, 20_000)).exit).toBe(0);
      // No matter how long node takes to start: the connection is queued.
      const { stdout } = await run(["curl", "--silent", "--noproxy", "*", `http://127.0.0.1:${port}/now`]);
      expect(stdout).toStartWith("GET /now");
    });
  },
);

testWith(["curl", "node"], "a shell script waits without polling, by a named pipe", async () => {
  const script = `
    set -e
    mkfifo address
    "$binder" --report-fd=3 ::1 0 node "$1" >/dev/null 3>address &
    trap 'kill $!' EXIT
    read -r ip port <address
    curl --silent --noproxy '*' "http://[$ip]:$port/hello"`;
  const { stdout, stderr } = await sh(script, [join(root, "examples/http.js")], { cwd: scratch() });
  expect(stderr).toBe("");
  expect(stdout).toStartWith("GET /hello");
});
