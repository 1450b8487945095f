/** The build script: what it makes, what it refuses, and what is left of a build that does not end well. */

import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import {
  isThorough,
  name,
  ok,
  program,
  run,
  scratch,
  start,
  testIf,
  testWith,
  until,
} from "./support/harness.ts";
import { copyOfProject } from "./support/project.ts";

const refuse = program("refuse.c");
const { errno } = constants;
// linux/ptrace.h
const PTRACE_SEIZE = 0x4206;

const project = copyOfProject();
const dist = join(project, "dist");
afterEach(() => rmSync(dist, { recursive: true, force: true }));

const release = `linux-${process.arch}`;
/** The build, somewhere else than in the project's directory. */
const command = (...args: string[]) => [process.execPath, join(project, "scripts/build.ts"), ...args];
const inDist = () => (existsSync(dist) ? readdirSync(dist).sort() : []);

testIf(isThorough)(
  ["sha256sum"],
  "--target --bun: a directory for the architecture, and the sums, with another runtime",
  async () => {
    // A Bun that says another version, and is this one for all else.
    const directory = scratch();
    const bytes = readFileSync(process.execPath);
    const other = Bun.version.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
    for (let at = bytes.indexOf(Bun.version); at !== -1; at = bytes.indexOf(Bun.version, at)) {
      bytes.write(other, at);
    }
    writeFileSync(join(directory, "my-bun"), bytes, { mode: 0o755 });

    // Its path is one from where the command is given.
    const files = [name, `${name}.map`, "versions.json"];
    const made = [...files.map((file) => `${release}/${file}`), "SHA256SUMS"];
    const lines = made.map((file) => `dist/${file}: \\d+ bytes\n`);
    expect(await run(command("--target", release, "--bun", "./my-bun"), { cwd: directory })).toEqual({
      exit: 0,
      stdout: expect.stringMatching(RegExp(`^${lines.join("")}$`)),
      stderr: `build: warning: the runtime is that of Bun ${other}; the tests are for ${Bun.version}\n`,
    });
    expect(inDist()).toEqual(["SHA256SUMS", release]);
    expect(readdirSync(join(dist, release)).sort()).toEqual(files);
    expect(await run(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist })).toEqual(
      ok(`${release}/${name}: OK\n`),
    );
    const { stdout } = await run([join(dist, release, name), "--version"]);
    expect(stdout).toContain(`\nruntime: Bun ${other}\n`);
  },
  120_000,
);

test.each([
  ["--target linux-mips", "unknown target linux-mips; known: linux-x64, linux-arm64"],
  ["--all --target linux-x64", "--all and --target exclude each other"],
  ["--whole --exact", "--whole and --exact exclude each other"],
  ["--all --packed", "--packed is for this machine"],
  ["--all --bun bun", "--bun is for this machine"],
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

/** ptrace(2) as it is refused: by a seccomp filter or Yama, or by an emulator. */
const refusals = { "Operation not permitted": errno.EPERM, "Function not implemented": errno.ENOSYS };

describe.each(Object.entries(refusals))("ptrace() is refused: %s", (reason, error) => {
  const refused = async () => [await refuse(), "ptrace", "0", String(PTRACE_SEIZE), String(error)];

  testWith(["cc"], "the build says so, and what would help", async () => {
    const { exit, stdout, stderr } = await run([...(await refused()), ...command()]);
    expect([exit, stdout, inDist(), processes()]).toEqual([1, "", [], []]);
    expect(stderr).toStartWith(`build: unable to trace a process (ptrace: ${reason}): `);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  testWith(["cc"], "npm start says so, and runs from source", async () => {
    const job = ["127.0.0.1", "0", "/bin/echo", "ran"];
    const command = [process.execPath, join(project, "scripts/start.ts"), ...job];
    const { exit, stdout, stderr } = await run([...(await refused()), ...command]);
    expect([exit, stdout, inDist()]).toEqual([0, "ran\n", []]);
    const [why, what] = stderr.split("\n");
    expect(why).toStartWith(`start: unable to trace a process (ptrace: ${reason}): `);
    expect(what).toBe("start: running from source, which starts the runtime in each run");
  });
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

/** @returns a build that has come to a moment: on a busy machine a short one may pass unseen, and is waited for again. */
async function buildAt(moment: keyof typeof moments) {
  for (;;) {
    const build = start(command());
    const isThere = await until(
      `a build ${moment}`,
      () => {
        const directory = inDist().find((entry) => entry.startsWith(".build-"));
        if (directory && moments[moment](list(join(dist, directory)))) return true;
        return build.exitCode === null ? undefined : false;
      },
      80,
    );
    if (isThere) return build;
    rmSync(dist, { recursive: true });
  }
}

test.each<readonly [NodeJS.Signals, keyof typeof moments]>([
  ["SIGINT", "at its start"],
  ["SIGHUP", "while it is compiled"],
  ["SIGTERM", "while the program is started"],
  ["SIGKILL", "while the program is started"],
  // Each build takes seconds.
  ...(isThorough ? [["SIGTERM", "while it is written"] as const] : []),
])(
  "%s %s: no executable, no process, and nothing that the next build does not remove",
  async (signal, moment) => {
    await using build = await buildAt(moment);
    build.kill(signal);
    await build.exited;
    await until("all processes to end", () => (processes().length === 0 ? true : undefined));
    const left = signal === "SIGKILL" ? [expect.stringMatching(/^\.build-/)] : [];
    expect(inDist()).toEqual(left);
    if (signal !== "SIGKILL") return;
    // The next build cleans up, even one that comes to nothing.
    expect((await run(command("--bun", "/nonexistent/bun"))).exit).toBe(1);
    expect(inDist()).toEqual([]);
  },
  120_000,
);
