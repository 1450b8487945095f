/** The servers of the README take the socket. */

import { expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  compile,
  executable,
  fixtures,
  root,
  run,
  scratch,
  spawn,
  testWith,
  until,
} from "./support/harness.ts";
import { get, listener } from "./support/listener.ts";
import { freePort } from "./support/ports.ts";

interface Server {
  /** What the test needs, apart from curl for those that speak HTTP. */
  tools: string[];
  /** The answer to a request for "/hello"; undefined if there is none yet. */
  ask?: (port: string, pid: number) => Promise<string | undefined>;
}

const directory = scratch();
chmodSync(directory, 0o755);

/** The servers by their names in the README. */
const servers: Record<string, Server> = {
  "Node.js": { tools: ["node"] },
  Bun: { tools: [] },
  gunicorn: { tools: ["gunicorn"] },
  uvicorn: { tools: ["uvicorn"] },
  uWSGI: { tools: ["uwsgi"] },
  Puma: { tools: ["puma"] },
  HAProxy: { tools: ["haproxy"] },
  nginx: { tools: ["nginx"] },
  "systemd-socket-proxyd": { tools: ["/usr/lib/systemd/systemd-socket-proxyd", "cc"] },
  fcgiwrap: {
    tools: ["fcgiwrap", "cgi-fcgi"],
    async ask(port) {
      const variables = { SCRIPT_FILENAME: script, REQUEST_METHOD: "GET", REQUEST_URI: "/hello" };
      const client = ["cgi-fcgi", "-bind", "-connect", `127.0.0.1:${port}`];
      return (await run(client, { env: { ...process.env, ...variables } })).stdout || undefined;
    },
  },
  "socat 1.8": {
    tools: ["socat 1.8"],
    async ask(port) {
      const client = ["socat", "-t10", "-", `TCP:127.0.0.1:${port}`];
      return (await run(client, { stdin: new Blob(["GET /hello"]) })).stdout || undefined;
    },
  },
  "in.tftpd": {
    tools: ["root", "in.tftpd", "tftp"],
    async ask(port, pid) {
      // Too early a request is sent again only after seconds.
      if (readFileSync(`/proc/${pid}/comm`, "utf8") !== "in.tftpd\n") return undefined;
      const cwd = scratch();
      await run(["tftp", "-m", "octet", "127.0.0.1", port, "-c", "get", "hello"], { cwd });
      return readFileSync(join(cwd, "hello"), "utf8");
    },
  },
};

const script = join(directory, "script");
writeFileSync(script, '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\nGET $REQUEST_URI"\n');
chmodSync(script, 0o755);
writeFileSync(join(directory, "hello"), "GET /hello\n");

// Our executable is found by its name, and so are Bun and what is not meant for users.
const bin = join(directory, "bin");
mkdirSync(bin);
symlinkSync(process.execPath, join(bin, "bun"));
const env = {
  ...process.env,
  PATH: [bin, dirname(executable), "/usr/lib/systemd", process.env["PATH"]].join(":"),
  PYTHONDONTWRITEBYTECODE: "1",
};

const [, section = ""] = readFileSync(join(root, "README.md"), "utf8").split(
  "## Servers that take the socket\n",
);
const rows = section.matchAll(/^\| (.+?) +\| (?:`(.+?)`)? +\| `(.+)` +\|$/gm);
const documented = new Map(
  [...rows].map(([, name = "", options = "", prog = ""]) => [name, { options, prog }]),
);

test("each server of the README is here", () => {
  expect(Object.keys(servers)).toEqual([...documented.keys()]);
});

for (const [name, { tools, ask }] of Object.entries(servers))
  testWith(ask ? tools : ["curl", ...tools], name, async () => {
    const { options, prog } = documented.get(name)!;
    const port = String(freePort());
    const cwd = join(directory, name);
    cpSync(join(fixtures, "servers"), cwd, { recursive: true });
    cpSync(join(root, "examples/http.js"), join(cwd, "http.js"));
    const nginx = readFileSync(join(cwd, "nginx.conf"), "utf8");
    writeFileSync(join(cwd, "nginx.conf"), nginx.replace("8080", port));
    await using behind = await backend(prog);
    const command = prog
      .replace("nginx", "nginx -e stderr -p . -c nginx.conf")
      .replace("/srv/tftp", directory)
      .replace("127.0.0.1:9000", `127.0.0.1:${behind?.port}`);
    const line = `exec s6-tcpserver-socketbinder ${options} 127.0.0.1 ${port} ${command}`;
    await using server = spawn(["sh", "-c", line], ["ignore", "ignore", "ignore"], { env, cwd });
    const answer = () => (ask ? ask(port, server.pid) : get(`http://127.0.0.1:${port}/hello`));
    expect(await until(`an answer of ${name}`, answer)).toContain("GET /hello");
  });

/** The server behind a proxy. */
async function backend(prog: string) {
  if (!prog.includes("127.0.0.1:9000")) return null;
  return listener(["127.0.0.1", "0", await compile("serve.c", directory), "GET /hello"]);
}
