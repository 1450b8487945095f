/** An architecture's package for npm, installed into empty folders by what people have, and used. */

import { expect } from "bun:test";
import { readFileSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, name, ok, run, testWith, type Result } from "./support/harness.ts";
import { commandOf, echo, installed, npmWorld, serves } from "./support/npm.ts";
import { own } from "./support/packages.ts";

const [pnpm, yarn, berry] = [installed("pnpm"), installed("yarn"), installed("berry")];
const { env, home, options, project, registry } = npmWorld();
const native = `${name}-${own}`;

/** What comes of running a command that binds a socket and passes on descriptors 3 and 5. */
function passed(command: string[], cwd: string): Promise<Result> {
  writeFileSync(join(cwd, "three"), "in 3\n");
  writeFileSync(join(cwd, "five"), "in 5\n");
  const shell = ["sh", "-c", 'exec 3<three 5<five; exec "$@"', "sh"];
  return run([...shell, ...command, "127.0.0.1", "0", "sh", "-c", "cat <&3; cat <&5"], { cwd, env });
}

/** What is installed as `file` passes descriptors on, reports through one, and becomes the server. */
async function works(file: string, cwd: string): Promise<void> {
  expect(await passed([file], cwd)).toEqual(ok("in 3\nin 5\n"));
  const reports = ["sh", "-c", 'exec 3>address; exec "$@"', "sh", file, "--report-fd=3"];
  await serves([...reports, "127.0.0.1", "0"], cwd, env);
}

for (const [title, tool, add] of [
  ["npm", "npm", () => ["npm", "install", ...options()]],
  ["pnpm", pnpm, () => ["node", pnpm, "add", ...options(), `--store-dir=${home}/pnpm`]],
  ["Yarn 1", yarn, () => ["node", yarn, "add", ...options()]],
  ["Bun", "tar", () => [process.execPath, "add", ...options()]],
] as const)
  testWith([tool, "node", "tar"], `installed by ${title}`, async () => {
    const cwd = project(title);
    expect(await run([...add(), native], { cwd, env })).toMatchObject({ exit: 0 });
    const top = join(cwd, "node_modules", native);
    const parts = [
      "LICENSE",
      "NOTICE",
      "README.md",
      "bin",
      "licenses",
      "man",
      "package.json",
      "versions.json",
    ];
    expect(readdirSync(top)).toEqual(expect.arrayContaining(parts));
    const file = join(top, "bin", name);
    expect(readFileSync(file).equals(readFileSync(executable))).toBe(true);
    await works(file, cwd);
    const command = commandOf(cwd);
    if (title !== "pnpm") expect(realpathSync(command)).toBe(realpathSync(file));
    // pnpm's is a shell script, whose child the executable is; descriptors pass all the same.
    else expect(await passed([command], cwd)).toEqual(ok("in 3\nin 5\n"));
  });

testWith([berry, "node", "tar"], "installed by Yarn 4, without node_modules", async () => {
  const settings = {
    npmRegistryServer: registry(),
    unsafeHttpWhitelist: ["127.0.0.1"],
    npmMinimalAgeGate: 0,
    enableGlobalCache: false,
  };
  const cwd = project("Yarn 4", { ".yarnrc.yml": JSON.stringify(settings), "yarn.lock": "" });
  const command = ["node", berry];
  expect(await run([...command, "add", native], { cwd, env })).toMatchObject({ exit: 0 });
  expect(await run([...command, "run", name, ...echo], { cwd, env })).toEqual(ok("works\n"));
});
