/** examples/systemd/: what can be told of it without systemd as the first process. */

import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, ok, root, run, scratch, testWith, until } from "./support/harness.ts";
import { get } from "./support/listener.ts";
import { answer, inSandbox, sandboxTools, urls } from "./support/sandbox.ts";

const unit = readFileSync(join(root, "examples/systemd/http.service"), "utf8");
const installed = unit.replace("/usr/bin/s6-tcpserver-socketbinder", executable);

testWith(["systemd-analyze", "setpriv"], "the unit is valid", async () => {
  const file = join(scratch(), "http.service");
  writeFileSync(file, installed);
  expect(await run(["systemd-analyze", "verify", "--man=no", file])).toEqual(ok());
});

testWith([...sandboxTools, "setpriv"], "its command serves", async () => {
  const command = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(installed)?.[1] ?? "";
  await inSandbox(["sh", "-c", `exec ${command}`], async ({ inside }) => {
    for (const url of urls) expect(await until(`an answer of ${url}`, () => get(url, inside))).toBe(answer);
  });
});
