/** The build script: what it makes, what it refuses, and what is left of a build that does not end well. */

import { expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { targetNames } from "../scripts/targets.ts";
import { executable, name, ok, root, run, scratch, start, testWith, until } from "./support/harness.ts";

/** A copy of what the build reads, so that dist/ stays as it is for the other tests. */
const project = scratch();
const dist = join(project, "dist");
for (const part of ["package.json", "tsconfig.json", "bunfig.toml", "src", "scripts"]) {
  cpSync(join(root, part), join(project, part), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(project, "node_modules"));

/** The build, somewhere else than in the project's directory. */
const command = (...args: string[]) => [process.execPath, join(project, "scripts/build.ts"), ...args];
const inDist = () => (existsSync(dist) ? readdirSync(dist).sort() : []);
const clean = () => rmSync(dist, { recursive: true, force: true });

testWith(
  ["sha256sum"],
  "every target has its directory and its sum, and building again changes nothing",
  async () => {
    const built = await run(command("--all"));
    expect(built).toMatchObject({ exit: 0, stderr: "" });
    for (const target of targetNames) expect(built.stdout).toContain(`dist/${target}/${name}: sealed\n`);
    expect(inDist()).toEqual(["SHA256SUMS", ...targetNames].sort());

    const sums = readFileSync(join(dist, "SHA256SUMS"), "utf8");
    clean();
    for (const target of targetNames) expect((await run(command("--target", target))).exit).toBe(0);
    await Bun.write(join(dist, "SHA256SUMS"), sums);
    const verified = targetNames.map((target) => `${target}/${name}: OK\n`).join("");
    expect(await run(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist })).toEqual(ok(verified));
    clean();
  },
  120_000,
);

test("the executable is at most 64 KiB larger than the runtime in it", () => {
  // On arm64, what is loaded starts at a multiple of the largest page there may be.
  const padding = process.arch === "arm64" ? 65_536 : 0;
  const size = statSync(executable).size - statSync(process.execPath).size;
  expect(size).toBeLessThanOrEqual(65_536 + padding);
});

testWith(["strip"], "stripping it takes nothing from it", async () => {
  const stripped = join(scratch(), name);
  expect(await run(["strip", "-o", stripped, executable])).toEqual(ok());
  expect(await run([stripped, "-d", "127.0.0.1", "0", "echo", "works"])).toMatchObject({
    exit: 0,
    stdout: "works\n",
  });
});

test.each([
  ["--target linux-riscv64", `unknown target linux-riscv64; known: ${targetNames.join(", ")}`],
  ["--target toString", `unknown target toString; known: ${targetNames.join(", ")}`],
  ["--target", "'--target <value>' argument missing"],
  ["--all --target linux-x64", "--all and --target exclude each other"],
  ["--frobnicate", "Unknown option '--frobnicate'"],
  ["linux-x64", "Unexpected argument 'linux-x64'"],
])("%s: nothing is built", async (args, reason) => {
  const { exit, stdout, stderr } = await run(command(...args.split(" ")));
  expect([stdout, stderr]).toEqual(["", expect.stringMatching(/^build: .*\n$/)]);
  expect(stderr).toContain(reason);
  expect([exit, inDist()]).toEqual([1, []]);
});

test("a failed download: nothing is built", async () => {
  const home = join(project, "home");
  mkdirSync(home);
  // Nothing listens on port 1; without a cache there is only the network.
  const env = { HOME: home, HTTPS_PROXY: "http://127.0.0.1:1/", HTTP_PROXY: "http://127.0.0.1:1/" };
  const { exit, stderr } = await run(command("--target", "linux-arm64-musl"), { env });
  expect(stderr).toMatch(/^build: dist\/linux-arm64-musl\/.*: Failed to download/);
  expect([exit, inDist()]).toEqual([1, []]);
}, 30_000);

/** Moments of a build of every target: what is in its scratch directory. */
const moments = {
  "at its start": (files: string[]) => files.length >= 0,
  "while the first is written": (files: string[]) => files.length > 0,
  "when two are done": (files: string[]) => files.filter((file) => file.endsWith(`/${name}`)).length > 2,
};

for (const [moment, reached] of Object.entries(moments)) {
  for (const [signal, left] of [
    ["SIGINT", 0],
    ["SIGTERM", 0],
    ["SIGHUP", 0],
    ["SIGKILL", 1],
  ] as const) {
    test(`${signal} ${moment}: no executable, and ${left ? "the next build cleans up" : "nothing else is left"}`, async () => {
      await using build = start(command("--all"));
      await until(
        `a build ${moment}`,
        () => {
          const [directory] = inDist();
          return directory && reached(list(join(dist, directory))) ? true : undefined;
        },
        60,
      );
      build.kill(signal);
      await build.exited;
      const remains = inDist();
      expect(remains).toEqual(left ? [expect.stringMatching(/^\.build-/)] : []);
      if (!left) return;
      expect((await run(command())).exit).toBe(0);
      expect(inDist()).toEqual([name]);
      clean();
    }, 90_000);
  }
}

/** The files below a directory that may be about to change, or to vanish. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}
