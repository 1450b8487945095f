/** The package for npm that is the same on all machines: its command finds the executable and becomes it. */

import { beforeAll, expect } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json";
import { fatal, name, ok, run, spawn, testWith, until } from "./support/harness.ts";
import { commandOf, echo, installed, npmWorld, serves } from "./support/npm.ts";
import { own } from "./support/packages.ts";

const [pnpm, node] = [installed("pnpm"), installed("node")];
const { env, home, options, project } = npmWorld();

/** What is told to Node.js, so that it is as on other machines. */
const withoutExecve = ["--import", "data:text/javascript,delete process.execve"];
const onDarwin = [
  "--import",
  "data:text/javascript,Object.defineProperty(process, 'platform', { value: 'darwin' })",
];

const launcherOf = (cwd: string) => join(cwd, "node_modules", name, "launcher.js");

/** A project that depends on it. */
let cwd = "";
let launcher = "";
beforeAll(async () => {
  cwd = project("depends");
  launcher = launcherOf(cwd);
  if (Bun.which("npm")) await run(["npm", "install", ...options(), name], { cwd, env });
}, 60_000);

testWith(["npm", "tar"], "brings the package of this architecture, and npx finds it", async () => {
  const there = readdirSync(join(cwd, "node_modules")).filter((entry) => entry.startsWith(name));
  expect(there.sort()).toEqual([name, `${name}-${own}`]);
  expect(await run([commandOf(cwd), ...echo], { cwd, env })).toEqual(ok("works\n"));
  const npx = ["npm", "exec", "--yes", ...options(), "--", name, ...echo];
  expect(await run(npx, { cwd: project("npx"), env })).toEqual(ok("works\n"));
});

testWith([pnpm, "node", "tar"], "finds it in pnpm's node_modules", async () => {
  const at = project("pnpm");
  const add = ["node", pnpm, "add", ...options(), `--store-dir=${home}/pnpm`, name];
  expect(await run(add, { cwd: at, env })).toMatchObject({ exit: 0 });
  expect(await run([commandOf(at), ...echo], { cwd: at, env })).toEqual(ok("works\n"));
});

testWith([node, "npm", "node", "tar"], "becomes it, with the signals that were given", async () => {
  await serves([node, launcher, "--report-file=address", "127.0.0.1", "0"], cwd, env);
  const prog = ["grep", "^SigIgn:\t0*$", "/proc/self/status"];
  expect(await run([node, launcher, "127.0.0.1", "0", ...prog], { cwd, env })).toMatchObject({
    exit: 0,
  });
});

testWith(["npm", "node", "tar"], "waits for it where Node.js cannot become it", async () => {
  const command = ["node", ...withoutExecve, launcher];
  expect(await run([...command, ...echo], { cwd, env })).toEqual(ok("works\n"));
  expect(await run([...command, "127.0.0.1"], { cwd, env })).toMatchObject({ exit: 100, stdout: "" });
  const killed = await run([...command, "127.0.0.1", "0", "sh", "-c", "kill -KILL $$"], { cwd, env });
  expect(killed.exit).toBe(128 + 9);

  const waits = ["127.0.0.1", "0", "sh", "-c", "echo $$; exec sleep 600"];
  await using child = spawn([...command, ...waits], ["ignore", "pipe", "inherit"], { cwd, env });
  const { value } = await child.stdout.getReader().read();
  child.kill("SIGTERM");
  await child.exited;
  expect(child.signalCode).toBe("SIGTERM");
  const prog = Number(new TextDecoder().decode(value));
  expect(prog).toBeGreaterThan(0);
  await until("the end of prog", () => !existsSync(`/proc/${prog}`) || undefined);
});

for (const [title, option] of [
  ["optional dependencies are left out", "--omit=optional"],
  ["it is installed for another machine", `--cpu=${own === "linux-x64" ? "arm64" : "x64"}`],
] as const)
  testWith(["npm", "node", "tar"], `says what to do where ${title}`, async () => {
    const at = project(title);
    expect(await run(["npm", "install", ...options(), option, name], { cwd: at, env })).toMatchObject({
      exit: 0,
    });
    expect(await run(["node", launcherOf(at), ...echo], { cwd: at, env })).toEqual(
      fatal(
        `the package ${name}-${own} is not installed: either optional dependencies were left out, ` +
          `or the lock file was made on another system; try npm install ${name}-${own}@${version}`,
      ),
    );
  });

testWith(["npm", "node", "tar"], "says where it runs on a system for which there is none", async () => {
  expect(await run(["node", ...onDarwin, launcher, ...echo], { cwd, env })).toEqual(
    fatal(`no executable for darwin-${process.arch}: it runs on Linux, on x64 and arm64`),
  );
});
