/** The build script: what it makes, what it refuses, and what is left of a build that does not end well. */

import { afterEach, expect, test } from "bun:test";
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { executable, name, ok, root, run, scratch, start, testWith, until } from "./support/harness.ts";

/** A copy of what the build reads, so that dist/ stays as it is for the other tests. */
const project = scratch();
const dist = join(project, "dist");
for (const part of ["package.json", "tsconfig.json", "bunfig.toml", "src", "scripts"]) {
  cpSync(join(root, part), join(project, part), { recursive: true });
}
symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
afterEach(() => rmSync(dist, { recursive: true, force: true }));

const release = `linux-${process.arch}`;
const made = /^dist\/s6-tcpserver-socketbinder: \d+ bytes\n$/;

/** The build, somewhere else than in the project's directory. */
const command = (...args: string[]) => [process.execPath, join(project, "scripts/build.ts"), ...args];
const inDist = () => (existsSync(dist) ? readdirSync(dist).sort() : []);
const identical = (one: string, other: string) => readFileSync(one).equals(readFileSync(other));

testWith(["sha256sum"], "--all makes a directory for each architecture, and the sums", async () => {
  const built = await run(command("--all"));
  const files = [`${release}/${name}`, `${release}/versions.json`, "SHA256SUMS"];
  const lines = files.map((file) => `dist/${file}: \\d+ bytes\n`);
  expect(built).toEqual(ok(expect.stringMatching(RegExp(`^${lines.join("")}$`))));
  expect(inDist()).toEqual(["SHA256SUMS", release]);
  expect(readdirSync(join(dist, release)).sort()).toEqual([name, "versions.json"]);
  expect(await run(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist })).toEqual(ok(`${release}/${name}: OK\n`));
  expect(identical(join(dist, release, name), executable)).toBe(true);
});

test("--bun takes the runtime of another Bun, by a path from here", async () => {
  const directory = scratch();
  copyFileSync(process.execPath, join(directory, "my-bun"));
  expect(await run(command("--bun", "./my-bun"), { cwd: directory })).toEqual(
    ok(expect.stringMatching(made)),
  );
  expect(identical(join(dist, name), executable)).toBe(true);
});

test("--bun warns of another version than the one that the tests are for", async () => {
  const other = join(scratch(), "bun");
  // It says another version, and is this one for all else.
  const patched = readFileSync(process.execPath);
  const [version, later] = [`${Bun.version}`, Bun.version.replace(/\d+$/, "9")];
  for (let at = patched.indexOf(version); at !== -1; at = patched.indexOf(version, at)) {
    patched.write(later, at);
  }
  writeFileSync(other, patched, { mode: 0o755 });
  expect(await run(command("--bun", other))).toEqual({
    exit: 0,
    stdout: expect.stringMatching(made),
    stderr: `build: warning: the runtime is that of Bun ${later}; the tests are for ${Bun.version}\n`,
  });
  const { stdout } = await run([join(dist, name), "--version"]);
  expect(stdout).toContain(`\nruntime: Bun ${later}\n`);
});

test.each([
  ["--target linux-x64", "Unknown option '--target'"],
  ["--bun", "'--bun <value>' argument missing"],
  ["--bun /nonexistent/bun", "unable to execute /nonexistent/bun"],
  ["--bun /bin/true", "/bin/true is not Bun: it tells no version"],
  ["--frobnicate", "Unknown option '--frobnicate'"],
  ["linux-x64", "Unexpected argument 'linux-x64'"],
])("%s: nothing is built", async (args, reason) => {
  const { exit, stdout, stderr } = await run(command(...args.split(" ")));
  expect([stdout, stderr]).toEqual(["", expect.stringMatching(/^build: .*\n$/)]);
  expect(stderr).toContain(reason);
  expect([exit, inDist()]).toEqual([1, []]);
});

/** The processes of builds in the project: the executable that each runs, and its command line. */
function processes(): { program: string; line: string }[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return [];
      const program = readlinkSync(`/proc/${pid}/exe`);
      const line = readFileSync(`/proc/${pid}/cmdline`, "latin1");
      return program.startsWith(project) || line.includes(project) ? [{ program, line }] : [];
    } catch {
      return []; // It has ended, or is the kernel's.
    }
  });
}

/** The files below a directory that may be about to change, or to vanish. */
function list(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
}

/** Moments of a build: what is in its scratch directory, and which processes there are. */
const moments = {
  "at its start": () => true,
  "while it is compiled": (files) => files.length > 0,
  "while the program is started": () => processes().some(({ program }) => program.endsWith(".compiled")),
  "while it is written": (files) => files.includes(name),
} satisfies Record<string, (files: string[]) => boolean>;

test.each<[NodeJS.Signals, keyof typeof moments]>([
  ["SIGINT", "at its start"],
  ["SIGHUP", "while it is compiled"],
  ["SIGTERM", "while the program is started"],
  ["SIGKILL", "while the program is started"],
  ["SIGTERM", "while it is written"],
  ["SIGKILL", "while it is written"],
])(
  "%s %s: no executable, no process, and nothing that the next build does not remove",
  async (signal, moment) => {
    await using build = start(command());
    const reached = () => {
      const [directory] = inDist();
      return directory && moments[moment](list(join(dist, directory))) ? true : undefined;
    };
    await until(`a build ${moment}`, reached, 60);
    build.kill(signal);
    await build.exited;
    await until("all processes to end", () => (processes().length === 0 ? true : undefined));
    const left = signal === "SIGKILL" ? [expect.stringMatching(/^\.build-/)] : [];
    expect(inDist()).toEqual(left);
    if (signal !== "SIGKILL") return;
    expect((await run(command())).exit).toBe(0);
    expect(inDist()).toEqual([name]);
  },
  90_000,
);
