/** Real programs take the socket over and serve real clients. */

import { expect } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerOf, executable, root, run, scratch, start, testWith, until } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

const loopback: [string, string][] = [
  ["IPv4", "127.0.0.1"],
  ["IPv6", "::1"],
];
const bracketed = (ip: string) => (ip.includes(":") ? `[${ip}]` : ip);

const comm = (pid: number) => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

for (const [version, ip] of loopback) {
  testWith(["node"], `Node's HTTP server: ${version}`, async () => {
    const port = freePort();
    await using _server = start([executable, ip, `${port}`, "node", join(root, "examples/http.js")]);
    for (const path of ["/first", "/second"])
      expect(await answerOf(`http://${bracketed(ip)}:${port}${path}`)).toContain(`GET ${path}`);
  });

  for (const [kind, options] of [
    ["non-blocking", []],
    ["blocking", ["-B"]],
  ] as const)
    testWith(["socat 1.8"], `socat's ACCEPT-FD, ${kind}: ${version}`, async () => {
      const port = `${freePort()}`;
      const serve = ["socat", "-d0", "-t10", "ACCEPT-FD:0,fork", "EXEC:tr a-z A-Z"];
      await using _server = start([executable, ...options, ip, port, ...serve]);
      const client = ["socat", "-t10", "-", `TCP:${bracketed(ip)}:${port}`];
      // Both at once: the listener forks for each.
      const talk = (text: string) =>
        until(`an answer to ${text}`, async () => {
          const { exit, stdout } = await run(client, { stdin: new Blob([text]) });
          return exit === 0 ? stdout : undefined;
        });
      expect(await Promise.all([talk("one"), talk("two")])).toEqual(["ONE", "TWO"]);
    });

  testWith(["fcgiwrap", "cgi-fcgi", "socat"], `fcgiwrap and a FastCGI client: ${version}`, async () => {
    const port = `${freePort()}`;
    const directory = scratch();
    const script = join(directory, "script");
    writeFileSync(script, '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n%s" "$QUERY_STRING"\n');
    chmodSync(script, 0o755);
    // cgi-fcgi cannot speak IPv6 by itself.
    const local = join(directory, "socket");
    await using _server = start([executable, "-B", ip, port, "fcgiwrap"]);
    const to = [`UNIX-LISTEN:${local},fork`, `TCP:${bracketed(ip)}:${port}`];
    await using _bridge = start(["socat", "-t10", "-lf", join(directory, "log"), ...to]);
    for (const query of ["first", "second"]) {
      const env = { ...process.env, SCRIPT_FILENAME: script, REQUEST_METHOD: "GET", QUERY_STRING: query };
      const answer = await until("an answer", async () => {
        const { stdout } = await run(["cgi-fcgi", "-bind", "-connect", local], { env });
        return stdout === "" ? undefined : stdout;
      });
      expect(answer).toContain(`\r\n\r\n${query}`);
    }
  });

  testWith(["root", "in.tftpd", "tftp"], `in.tftpd and a TFTP client: ${version}`, async () => {
    const port = `${freePort()}`;
    const directory = scratch();
    const served = join(directory, "served");
    mkdirSync(served);
    chmodSync(directory, 0o755);
    const content = Buffer.alloc(100_000, "many blocks\n");
    writeFileSync(join(served, "file"), content);
    const serve = ["in.tftpd", "--user", "nobody", "--secure", served];
    await using server = start([executable, "-B", "-m", "-b0", ip, port, ...serve]);
    // Too early a request is sent again only after seconds.
    await until("in.tftpd", () => comm(server.pid) === "in.tftpd" || undefined);
    const get = ["tftp", "-m", "octet", ip, port, "-c", "get", "file"];
    for (const copy of ["first", "second"]) {
      const cwd = join(directory, copy);
      mkdirSync(cwd);
      expect((await run(get, { cwd })).stderr).toBe("");
      expect(readFileSync(join(cwd, "file")).equals(content)).toBe(true);
    }
  });
}
