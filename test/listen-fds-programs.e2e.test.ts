/** Programs that are not ours take their sockets by LISTEN_FDS, and serve. */

import { expect } from "bun:test";
import { join } from "node:path";
import { compile, executable, fixtures, root, scratch, spawn, testWith, until } from "./support/harness.ts";
import { get, listener, reported } from "./support/listener.ts";
import { freePort } from "./support/ports.ts";

const directory = scratch();
/** Python leaves nothing beside the source. */
const clean = ["env", "PYTHONDONTWRITEBYTECODE=1"];
const named = (name: string, ip: string) => ["--listen-fds", `--fd-name=${name}`, ip, "0"];

/** Start `prog` with a socket on IPv4 and another on IPv6, under these names. */
async function pair(names: [string, string], prog: string[]) {
  const file = join(scratch(), "second");
  const inner = [executable, `--report-file=${file}`, ...named(names[1], "::1"), ...prog];
  const first = await listener([...named(names[0], "127.0.0.1"), ...inner]);
  return {
    first: first.url,
    second: (await reported(file)).url,
    [Symbol.asyncDispose]: first[Symbol.asyncDispose],
  };
}

testWith(["curl", "python3-systemd"], "python3-systemd: by name", async () => {
  const serve = ["/usr/bin/python3", join(fixtures, "listen-fds.py")];
  for (const names of [
    ["http", "https"],
    ["https", "http"],
  ] satisfies [string, string][]) {
    await using servers = await pair(names, serve);
    expect(await get(servers.first)).toBe(`${names[0]}\n`);
    expect(await get(servers.second)).toBe(`${names[1]}\n`);
  }
});

testWith(["curl", "node"], "examples/listen-fds.js: by name", async () => {
  const serve = ["node", join(root, "examples/listen-fds.js")];
  await using servers = await pair(["public", "admin"], serve);
  expect(await get(servers.first)).toBe("Welcome\n");
  expect(await get(servers.second)).toStartWith("Up for ");
  await using swapped = await pair(["admin", "public"], serve);
  expect(await get(swapped.first)).toStartWith("Up for ");
  expect(await get(swapped.second)).toBe("Welcome\n");
});

testWith(["curl", "gunicorn"], "gunicorn: two sockets", async () => {
  const serve = [
    ...clean,
    "gunicorn",
    "--chdir",
    fixtures,
    "--worker-tmp-dir",
    directory,
    "application:application",
  ];
  await using servers = await pair(["one", "two"], serve);
  expect(await get(`${servers.first}a`)).toBe("GET /a by Python\n");
  expect(await get(`${servers.second}b`)).toBe("GET /b by Python\n");
});

testWith(["curl", "uwsgi"], "uwsgi: two sockets", async () => {
  const options = ["--plugin=python3", "--protocol=http", "--die-on-term"];
  const serve = [...clean, "uwsgi", ...options, `--wsgi-file=${join(fixtures, "application.py")}`];
  await using servers = await pair(["one", "two"], serve);
  expect(await get(`${servers.first}a`)).toBe("GET /a by Python\n");
  expect(await get(`${servers.second}b`)).toBe("GET /b by Python\n");
});

/** Where Debian has it, for systemd's own units. */
const socketProxy = "/usr/lib/systemd/systemd-socket-proxyd";

testWith(["cc", "curl", socketProxy], "systemd-socket-proxyd, in front of a server on stdin", async () => {
  await using server = await listener(["127.0.0.1", "0", await compile("serve.c", directory), "behind"]);
  const proxy = [socketProxy, `127.0.0.1:${server.port}`];
  await using proxies = await pair(["one", "two"], proxy);
  // The proxy may end a connection before the client has read: the next one is answered.
  for (const url of [proxies.first, proxies.second]) {
    expect(await until("an answer", () => get(url))).toMatch(/^behind \d+\n$/);
  }
});

testWith(
  ["curl", "node", "systemd-socket-activate"],
  "a socket of systemd-socket-activate, and ours",
  async () => {
    const port = String(freePort());
    const file = join(directory, "admin");
    const ours = [executable, `--report-file=${file}`, ...named("admin", "127.0.0.1")];
    const systemds = [
      "systemd-socket-activate",
      "--listen",
      `127.0.0.1:${port}`,
      "--fdname=public",
      "-E",
      "PATH",
    ];
    const serve = [...systemds, ...ours, "node", join(root, "examples/listen-fds.js")];
    await using _server = spawn(serve, ["ignore", "ignore", "ignore"]);
    // It starts with the first connection, which is then served.
    expect(await until("an answer", () => get(`http://127.0.0.1:${port}/`))).toBe("Welcome\n");
    expect(await get((await reported(file)).url)).toStartWith("Up for ");
  },
);
