/** scripts/install.ts, as `npm run install-files --` runs it. */

import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, name, root, run, scratch, start, testWith, until } from "./support/harness.ts";

const install = (...args: string[]) => run([process.execPath, join(root, "scripts/install.ts"), ...args]);

const succeeded = { exit: 0, stderr: "" };

/** Below the prefix, what is put there: its source and its mode. */
const expected: Record<string, [source: string, mode: number]> = {
  [`bin/${name}`]: [executable, 0o755],
  [`share/bash-completion/completions/${name}`]: [join(root, `completions/${name}.bash`), 0o644],
  [`share/fish/vendor_completions.d/${name}.fish`]: [join(root, `completions/${name}.fish`), 0o644],
  [`share/man/man8/${name}.8`]: [join(root, `man/${name}.8`), 0o644],
  [`share/zsh/site-functions/_${name}`]: [join(root, `completions/_${name}`), 0o644],
};

/** The files in a directory and below. */
const filesIn = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();

test("files are where distributions expect them, for everyone, and go again", async () => {
  const directory = scratch();
  const where = ["--prefix", "/usr", "--destdir", directory];
  // An administrator's umask does not keep others from them.
  const command = ["sh", "-c", 'umask 077; exec "$@"', "sh", process.execPath];
  expect(await run([...command, join(root, "scripts/install.ts"), ...where])).toMatchObject(succeeded);
  const usr = join(directory, "usr");
  expect(filesIn(usr)).toEqual(Object.keys(expected).sort());
  for (const [path, [source, mode]] of Object.entries(expected)) {
    expect(statSync(join(usr, path)).mode & 0o7777).toBe(mode);
    expect(readFileSync(join(usr, path)).equals(readFileSync(source))).toBe(true);
  }
  for (const part of ["bin", "share", "share/man/man8"])
    expect(statSync(join(usr, part)).mode & 0o7777).toBe(0o755);

  // What else is there stays.
  writeFileSync(join(usr, "bin/other"), "");
  expect(await install(...where, "--remove")).toMatchObject(succeeded);
  expect(filesIn(usr)).toEqual(["bin/other"]);
  expect(await install(...where, "--remove")).toMatchObject(succeeded);
});

test("an executable that is in use can be replaced", async () => {
  const directory = scratch();
  expect(await install("--destdir", directory)).toMatchObject(succeeded);
  const installed = join(directory, "usr/local/bin", name);
  // It waits for an address that this machine does not get.
  await using running = start([installed, "--wait=600", "192.0.2.1", "0", "true"]);
  await until(
    "the executable",
    () => readFileSync(`/proc/${running.pid}/comm`, "utf8").startsWith("s6-") || undefined,
  );
  expect(await install("--destdir", directory)).toMatchObject(succeeded);
  expect(running.exitCode).toBeNull();
  expect((await run([installed, "--version"])).exit).toBe(0);
  expect(filesIn(join(directory, "usr/local"))).toEqual(Object.keys(expected).sort());
});

describe("nothing happens", () => {
  for (const [args, error] of [
    [["--prefix", "usr"], "--prefix is not an absolute path: usr"],
    [["--prefix", ""], "--prefix is not an absolute path: "],
    [["--destdir", "relative"], "--destdir is not an absolute path: relative"],
    [["--uninstall"], "Unknown option '--uninstall'"],
    [["--remove=yes"], "Option '--remove' does not take an argument"],
    [["/usr"], "Unexpected argument '/usr'"],
    [["--prefix"], "Option '--prefix <value>' argument missing"],
  ] as const)
    test(`for ${args.join(" ")}`, async () => {
      const directory = scratch();
      const { exit, stdout, stderr } = await install("--destdir", directory, ...args);
      expect(stderr).toStartWith(`install-files: ${error}`);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
      expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
      expect(readdirSync(directory)).toEqual([]);
    });

  test("where it cannot be done", async () => {
    const directory = scratch();
    mkdirSync(join(directory, "usr/local/share"), { recursive: true });
    writeFileSync(join(directory, "usr/local/share/man"), "a file, no directory");
    const { exit, stderr } = await install("--destdir", directory);
    expect(stderr).toStartWith("install-files: E");
    expect(exit).toBe(1);
    expect(filesIn(directory)).toEqual(["usr/local/share/man"]);
  });
});

testWith(["npm"], "npm run install-files", async () => {
  const directory = scratch();
  const npm = ["npm", "run", "install-files", "--", "--prefix", "/opt", "--destdir", directory];
  expect(await run(npm, { cwd: root })).toMatchObject({ exit: 0 });
  expect(filesIn(join(directory, "opt"))).toEqual(Object.keys(expected).sort());
});
