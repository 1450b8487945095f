/** What the tests share: the executable in dist/, programs built from fixtures, and the tools of the machine. */

import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { constants, release, tmpdir } from "node:os";
import { join } from "node:path";
import { name } from "../../package.json";

const root = join(import.meta.dir, "../..");

// Servers are in the sbin directories, which users may not have on their PATH.
process.env["PATH"] += ":/usr/sbin:/sbin";

export const executable = join(root, "dist", name);
export const fixtures = join(root, "test/fixtures");
export { name, root };

/** A directory that lives as long as the test file. */
export function scratch(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, "socketbinder-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface Result {
  exit: number;
  stdout: string;
  stderr: string;
}

/** What a program leaves that succeeds: ours, or the one that it executed. */
export const ok = (stdout = ""): Result => ({ exit: 0, stdout, stderr: "" });

/** What our executable leaves that fails, with this message, and what would be right in a line before it. */
export const fatal = (message: string, exit = 111, hint?: string): Result => ({
  exit,
  stdout: "",
  stderr: `${hint === undefined ? "" : `${name}: hint: ${hint}\n`}${name}: fatal: ${message}\n`,
});

interface Surroundings {
  /** In place of the tests' own environment. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** In the place of stdin, stdout and stderr. */
  terminal?: Bun.Terminal;
}

type Input = "ignore" | "pipe" | Blob;
type Output = "ignore" | "pipe" | "inherit";

/** Start a command, which ends when it is disposed of: say `await using`. `stdio` is its fds 0 to 2. */
export function spawn<In extends Input, Out extends Output, Err extends Output>(
  command: string[],
  stdio: [In, Out, Err],
  { env = process.env, ...others }: Surroundings = {},
) {
  const [stdin, stdout, stderr] = stdio;
  return Bun.spawn(command, { stdin, stdout, stderr, env, ...others });
}

/** Start a command of which nothing but its errors is seen. */
export const start = (command: string[]) => spawn(command, ["ignore", "ignore", "inherit"]);

/** Wait for the end of a command that was started. A signal counts as 128 and its number. */
export async function ended(child: Bun.Subprocess<Input, "pipe", "pipe">): Promise<Result> {
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const signal = child.signalCode as keyof typeof constants.signals | null;
  return { exit: signal ? 128 + constants.signals[signal] : exit, stdout, stderr };
}

interface RunOptions extends Surroundings {
  stdin?: "ignore" | Blob;
}

/** Run a command to its end. */
export function run(
  command: string[],
  { stdin = "ignore", ...surroundings }: RunOptions = {},
): Promise<Result> {
  return ended(spawn(command, [stdin, "pipe", "pipe"], surroundings));
}

/** Run our executable. */
export function bind(args: string[], options?: RunOptions): Promise<Result> {
  return run([executable, ...args], options);
}

/** Run `sh -c script`, with its arguments as "$@" and our executable as "$binder". */
export function sh(script: string, args: string[] = [], options: RunOptions = {}): Promise<Result> {
  const env = { ...(options.env ?? process.env), binder: executable };
  return run(["/bin/sh", "-c", script, "sh", ...args], { ...options, env });
}

/** Compile a C fixture. @returns the path of the program. */
export async function compile(source: string, directory: string, cc: string[] = ["cc"]): Promise<string> {
  const program = join(directory, source.replace(/\.c$/, ""));
  const result = await run([...cc, "-Wall", "-O1", "-o", program, join(fixtures, source)]);
  if (result.exit !== 0) throw new Error(`${cc.join(" ")} ${source}: ${result.stderr}`);
  return program;
}

/** A C fixture that is compiled once for the test file, when it is first asked for its path. */
export function program(source: string, cc?: string[]): () => Promise<string> {
  const directory = scratch();
  let compiled: Promise<string> | undefined;
  return () => (compiled ??= compile(source, directory, cc));
}

const kernel = release().split(".").map(Number);

/** What a test may need that is no program on PATH. */
const conditions: Record<string, () => boolean> = {
  root: () => process.getuid?.() === 0,
  "bash-completion": () => existsSync("/usr/share/bash-completion/bash_completion"),
  "python3-systemd": () =>
    Bun.which("/usr/bin/python3") !== null &&
    Bun.spawnSync(["/usr/bin/python3", "-c", "import systemd.daemon"]).success,
  "Linux 6.3": () => kernel[0]! > 6 || (kernel[0] === 6 && kernel[1]! >= 3),
  // ACCEPT-FD came with socat 1.8.
  "socat 1.8": () =>
    Bun.which("socat") !== null && /accept-fd/i.test(`${Bun.spawnSync(["socat", "-hh"]).stdout}`),
};

const present = (tool: string) =>
  conditions[tool]?.() ??
  (tool.startsWith("/proc/") ? existsSync(tool) : Bun.which(tool, { PATH: process.env["PATH"]! }) !== null);

/** Whether tests must not be skipped. */
const strict = process.env["CI"] === "true";

const thoroughness = Number(process.env["THOROUGH"] ?? 0);
/** Whether what takes minutes is wanted: all that a quick run takes a part of, and the other architecture. */
export const isThorough = thoroughness >= 1;
/** Whether what takes an hour is wanted, too. */
export const isExhaustive = thoroughness >= 2;

/**
 * `test` for what needs tools of the machine: programs, files in /proc, or one of the conditions.
 * Without one of them the test is skipped, saying which; with CI=true it fails.
 */
export function testWith(
  tools: string[],
  title: string,
  body: () => Promise<void> | void,
  timeout = 30_000,
): void {
  const missing = tools.filter((tool) => !present(tool));
  if (missing.length === 0) return test(title, body, timeout);
  const reason = `${title} (missing: ${missing.join(", ")})`;
  if (strict) test(reason, () => expect(missing, "CI=true and a tool is missing").toEqual([]));
  else test.skip(reason, body);
}

/** `testWith`, or nothing where the test is not wanted. */
export const testIf = (isWanted: boolean): typeof testWith => (isWanted ? testWith : () => {});

/** Repeat `attempt` every few milliseconds until it returns something, for at most `seconds`. */
export async function until<T>(
  what: string,
  attempt: () => T | undefined | Promise<T | undefined>,
  seconds = 10,
): Promise<T> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline;) {
    const value = await attempt();
    if (value !== undefined) return value;
    await Bun.sleep(2);
  }
  throw new Error(`waited ${seconds} s for ${what}`);
}

/** What an HTTP server answers, as soon as it does. */
export function answerOf(url: string, seconds?: number): Promise<string> {
  const get = () => fetch(url).then((response) => response.text());
  return until(`an answer of ${url}`, () => get().catch(() => undefined), seconds);
}
