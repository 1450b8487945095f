/** Package managers, and projects into which they install our packages from a registry that has only these. */

import { afterAll, beforeAll, expect } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answerOf, name, root, scratch, spawn, until } from "./harness.ts";
import { makePackages } from "./packages.ts";
import { serveRegistry } from "./registry.ts";

/** Package managers of the npm registry, and a Node.js that has process.execve, in exact versions. */
const dependencies = {
  pnpm: "10.34.9",
  "yarn-classic": "npm:yarn@1.22.22",
  "yarn-berry": "npm:@yarnpkg/cli-dist@4.18.1",
  [`node-linux-${process.arch}`]: "24.11.0",
};

/** Where these are, by their paths: `testWith` says if the registry did not answer. */
export function installTools() {
  const directory = scratch();
  writeFileSync(join(directory, "package.json"), JSON.stringify({ private: true, dependencies }));
  const npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"];
  if (Bun.which("npm")) Bun.spawnSync(npm, { cwd: directory, stdin: "ignore" });
  const file = (path: string) => join(directory, "node_modules", path);
  return {
    pnpm: file("pnpm/bin/pnpm.cjs"),
    yarn: file("yarn-classic/bin/yarn.js"),
    berry: file("yarn-berry/bin/yarn.js"),
    node: file(`node-linux-${process.arch}/bin/node`),
  };
}

/** The registry, for as long as the test file runs, and what goes with it. */
export function npmWorld() {
  const directory = scratch();
  const home = join(directory, "home");
  const out = join(directory, "packages");
  mkdirSync(home);
  let registry: ReturnType<typeof serveRegistry> | undefined;
  beforeAll(async () => {
    await makePackages(out);
    registry = serveRegistry(out);
  }, 600_000);
  afterAll(() => registry?.stop(true));

  const outside = Object.entries(process.env).filter(([key]) => !/^(npm|yarn|bun|pnpm)_/i.test(key));
  return {
    home,
    registry: () => String(registry!.url),
    /** The options that keep npm and its kind from asking anybody but the registry. */
    options: () => [`--registry=${registry!.url}`],
    /** An environment that knows no other registry, nor what was installed from one before. */
    env: {
      ...Object.fromEntries(outside),
      HOME: home,
      npm_config_cache: join(home, "npm"),
      npm_config_audit: "false",
      npm_config_fund: "false",
      YARN_CACHE_FOLDER: join(home, "yarn"),
      YARN_ENABLE_TELEMETRY: "0",
      BUN_INSTALL_CACHE_DIR: join(home, "bun"),
      no_proxy: "127.0.0.1",
      CI: "true",
    },
    /** A directory of its own for a project that has nothing but these files. */
    project(title: string, files: Record<string, string> = {}): string {
      const path = join(directory, title.replaceAll(/\W+/g, "-"));
      mkdirSync(path);
      for (const [file, text] of Object.entries({ "package.json": "{}", ...files }))
        writeFileSync(join(path, file), text);
      return path;
    },
  };
}

/** The command that an installed package gives to a project. */
export function commandOf(project: string): string {
  return join(project, "node_modules/.bin", name);
}

/** What a command can do that needs no server. */
export const echo = ["127.0.0.1", "0", "echo", "works"];

/** The command becomes a server in the same process, and says in the file `address` of the directory where. */
export async function serves(
  command: string[],
  cwd: string,
  env: Record<string, string | undefined>,
): Promise<void> {
  const node = Bun.which("node", { PATH: process.env["PATH"]! })!;
  const server = [...command, node, join(root, "examples/http.js")];
  await using child = spawn(server, ["ignore", "ignore", "inherit"], { cwd, env });
  const [ip, port] = await until("the address", () => {
    const [line, rest] = readFileSync(join(cwd, "address"), { encoding: "utf8", flag: "a+" }).split("\n");
    return rest === "" ? line!.split(" ") : undefined;
  });
  expect(await answerOf(`http://${ip}:${port}/`)).toStartWith("GET /, on a socket");
  expect(readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0")[0]).toBe(node);
}
