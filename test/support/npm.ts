/** Package managers, and projects into which they install our packages from a registry that has only these. */

import { afterAll, beforeAll, expect } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { built, targets } from "../../scripts/packages/built.ts";
import { packLauncher, packNative } from "../../scripts/packages/npm.ts";
import { answerOf, name, root, scratch, spawn, until } from "./harness.ts";
import { layOut } from "./packages.ts";
import { serveRegistry } from "./registry.ts";

/** Package managers of the npm registry, and a Node.js that has process.execve, in exact versions. */
const tools = {
  pnpm: ["pnpm@10.34.9", "pnpm/bin/pnpm.cjs"],
  yarn: ["yarn@1.22.22", "yarn/bin/yarn.js"],
  berry: ["@yarnpkg/cli-dist@4.18.1", "@yarnpkg/cli-dist/bin/yarn.js"],
  node: [`node-linux-${process.arch}@24.11.0`, `node-linux-${process.arch}/bin/node`],
} as const;

/** The path of a tool, which is installed once for all runs: `testWith` says if the registry did not answer. */
export function installed(tool: keyof typeof tools): string {
  const [wanted, path] = tools[tool];
  const top = join(root, "node_modules/.cache/npm", wanted);
  const file = join(top, "node_modules", path);
  if (existsSync(file) || !Bun.which("npm")) return file;
  mkdirSync(dirname(top), { recursive: true });
  const made = mkdtempSync(`${top}-`);
  try {
    const options = ["--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=0"];
    const npm = Bun.spawnSync(["npm", "install", `--prefix=${made}`, ...options, wanted], {
      stdin: "ignore",
    });
    // In one step, and another test file may have done so meanwhile.
    if (npm.success && !existsSync(top)) renameSync(made, top);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return file;
}

/** The registry, for as long as the test file runs, and what goes with it. */
export function npmWorld() {
  const directory = scratch();
  const home = join(directory, "home");
  const dist = join(directory, "dist");
  const out = join(directory, "packages");
  for (const made of [home, out]) mkdirSync(made);
  let registry: ReturnType<typeof serveRegistry> | undefined;
  beforeAll(async () => {
    layOut(dist);
    const natives = targets.map((target) => packNative(built(target, dist), 0, out));
    await Promise.all([packLauncher(0, out), ...natives]);
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
