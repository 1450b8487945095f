/** examples/ci/smoke.sh, in the shells that CI machines have. */

import { expect } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ended, executable, ok, root, scratch, spawn, testWith, until } from "./support/harness.ts";

const script = join(root, "examples/ci/smoke.sh");

/** A server for node that answers a request with what `answer` does. */
const serving = (answer: string) => [
  "node",
  "-e",
  `require("http").createServer((request, response) => { ${answer} }).listen({ fd: 0 })`,
];

/** One that does not answer, has a child, and creates $REQUESTED when it gets a request. */
const silent = serving(
  `require("child_process").spawn("sleep", ["1000"]);
  require("fs").writeFileSync(process.env.REQUESTED, "")`,
);

const shells = [["dash"], ["bash"], ["busybox", "sh"]];

/** Start the script. Its processes have the directory in their environment, and its files are there. */
function smoke(shell: string[], server: string[]) {
  const directory = scratch();
  const requested = join(scratch(), "requested");
  const env = {
    ...process.env,
    PATH: `${dirname(executable)}:${process.env["PATH"]}`,
    TMPDIR: directory,
    REQUESTED: requested,
    // Not to be taken for the script's own.
    server: "1",
    client: "1",
  };
  const child = spawn([...shell, script, ...server], ["ignore", "pipe", "pipe"], { env });
  const result = async () => {
    const printed = await ended(child);
    const left = [...readdirSync(directory), ...processesWith(directory)];
    return { shell: shell.join(" "), ...printed, left };
  };
  return { child, directory, requested, result };
}

/** The names of the files in a directory and below. */
const entries = (directory: string) =>
  readdirSync(directory, { recursive: true })
    .map(String)
    .map((path) => basename(path));

/** The command lines of the processes that have `text` in their environment. */
function processesWith(text: string): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const has = /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(text);
      return has ? [readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ")] : [];
    } catch {
      return []; // It has ended.
    }
  });
}

interface Expected {
  stdout?: string;
  stderr?: string;
  exit: number;
}

/** Run the script with this server in all the shells at once. */
function inAllShells(title: string, server: string[], expected: Expected): void {
  const tools = [...shells.map(([shell = ""]) => shell), "curl", "node", "setsid"];
  testWith(tools, title, async () => {
    for (const result of await Promise.all(shells.map((shell) => smoke(shell, server).result())))
      expect(result).toMatchObject({ ...expected, left: [] });
  });
}

inAllShells("a server that answers", serving('response.end("fine")'), ok("fine"));
inAllShells("a server that answers with an error", serving("response.statusCode = 500; response.end()"), {
  stdout: "",
  stderr: "curl: (22) The requested URL returned error: 500\n",
  exit: 22,
});
inAllShells("a server that exits when it gets a request", serving("process.exit(42)"), { exit: 42 });
inAllShells("a server that exits at once", ["sh", "-c", "exit 42"], { exit: 42 });
inAllShells("a server that is not there", ["/nowhere/server"], { exit: 127 });
inAllShells("no server", [], { stderr: `usage: ${script} server [argument...]\n`, exit: 100 });
inAllShells(
  "a server that ignores SIGTERM, and so does its child",
  ["sh", "-c", `trap "" TERM; sleep 1000 & exec "$@"`, "sh", ...serving('response.end("fine")')],
  ok("fine"),
);

for (const shell of shells) {
  const tools = [shell[0]!, "curl", "node", "setsid"];
  const name = shell.join(" ");

  testWith(tools, `${name}: a server that exits at once, with success`, async () => {
    const { exit, left } = await smoke(shell, ["true"]).result();
    expect(left).toEqual([]);
    expect(exit).not.toBe(0);
  });

  for (const [signal, exit, when, reached] of [
    ["SIGTERM", 143, "before the server runs", ({ directory }) => readdirSync(directory).length > 0],
    ["SIGHUP", 129, "once the port is known", ({ directory }) => entries(directory).includes("address")],
    ["SIGINT", 130, "in the middle of a request", ({ requested }) => existsSync(requested)],
  ] as const satisfies [NodeJS.Signals, number, string, (run: ReturnType<typeof smoke>) => boolean][])
    testWith(tools, `${name}: ${signal} ${when}`, async () => {
      const run = smoke(shell, silent);
      await until(when, () => reached(run) || undefined);
      run.child.kill(signal);
      expect(await run.result()).toMatchObject({ stdout: "", stderr: "", exit, left: [] });
    });
}
