/** What a program inherits through our executable, against what it inherits directly. */

import { expect } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Machine } from "../../scripts/machine/machine.ts";
import { compile, executable, run, spawn } from "./harness.ts";

/** Who is compared: commands, so that either may need an emulator. */
export interface Subject {
  /** Our executable, for this machine or with an emulator in front. */
  binder: string[];
  /** The reporting program, likewise. */
  reporter: string[];
  /** test/fixtures/arrange.c, which sets a situation up: never emulated by itself. */
  arrange: string;
}

/** The state a program is started in. */
export interface Situation {
  /** Commands of the shell that then executes the program; "$@" is its command line. */
  shell?: string;
  /** What no shell can do: words of test/fixtures/arrange.c. */
  arrange?: string[];
  /** More arguments for the reporting program. */
  args?: string[];
  cwd?: string;
  env?: Record<string, string>;
  /** Whether to run under a terminal, as fds 0 to 2. */
  terminal?: boolean;
  /** What it takes, as for testWith(). */
  tools?: string[];
  /** The architecture that has it, if not all have. */
  only?: "x64";
}

/** Whether an architecture has the situation. */
export const existsOn = (architecture: string, { only }: Situation) =>
  only === undefined || only === architecture;

export type Situations = Record<string, Situation>;

export const table = <T>(rows: readonly T[], row: (value: T) => [string, Situation]): Situations =>
  Object.fromEntries(rows.map(row));

export const words = (text: string) => text.split(" ");

/** Compile the fixtures for this machine, into `directory`. */
export async function nativeSubject(directory: string): Promise<Subject> {
  const [reporter, arrange] = await Promise.all([
    compile("report.c", directory, ["cc", "-static"]),
    compile("arrange.c", directory),
  ]);
  return { binder: [executable], reporter: [reporter], arrange };
}

/** Expect the same state through the executable as without it. */
export async function expectSameState(subject: Subject, situation: Situation): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "state-"));
  const file = join(directory, "report");
  const program = [...subject.reporter, file, ...(situation.args ?? [])];
  try {
    const direct = await stateOf(subject, program, file, situation);
    rmSync(file, { force: true });
    const through = await stateOf(
      subject,
      [...subject.binder, "127.0.0.1", "0", ...program],
      file,
      situation,
    );
    expect(direct).toMatch(/^exit 0, (stdout , stderr |printed )\n/);
    expect(direct).toContain("\npid: the shell's\n");
    expect(through).toBe(direct);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** The command that runs `command` in the situation. It writes the pid that the report must show. */
function inSituation(
  { arrange }: Subject,
  command: string[],
  file: string,
  { shell = "", arrange: words }: Situation,
): string[] {
  // exec keeps the pid.
  const script = `report=$1; shift; echo $$ >"$report.pid"\n${shell}\nexec "$@"`;
  const line = words ? [arrange, ...words, "--", ...command] : command;
  return ["/bin/sh", "-c", script, "sh", file, ...line];
}

/** Run `command` in the situation. @returns its output, and the report in `file`. */
async function stateOf(
  subject: Subject,
  command: string[],
  file: string,
  situation: Situation,
): Promise<string> {
  const { cwd, env, terminal } = situation;
  const options = {
    ...(cwd && { cwd }),
    env: env ?? (process.env as Record<string, string>),
  };
  const shellLine = inSituation(subject, command, file, situation);
  const output = terminal ? await inTerminal(shellLine, options) : await inPipes(shellLine, options);
  if (!existsSync(file)) return `no report; ${output}`;
  const pid = readFileSync(`${file}.pid`, "utf8").trim();
  return `${output}\n${withoutNumbers(readFileSync(file, "latin1"), pid)}`;
}

/** Runs one command line: with its report, its pid, and what it says, in one text. */
const reporting = `"$@" >/out 2>/err </dev/null; echo "exit $?"; cat /report.pid /report /out /err; rm /report`;

/**
 * The same in an emulated machine, as far as its shell and arrange.c can set a situation up.
 * @returns the state without our executable, and the one through it, by the name of the situation.
 */
export async function statesIn(
  machine: Machine,
  architecture: string,
  { binder, reporter, arrange }: Subject,
  situations: Situations,
): Promise<Map<string, [direct: string, through: string]>> {
  const possible = Object.entries(situations).filter(([, situation]) => {
    const { terminal, cwd, tools = [] } = situation;
    const isSetUp = !terminal && !cwd && tools.every((tool) => tool === "root");
    return isSetUp && existsOn(architecture, situation);
  });
  const commands = possible.flatMap(([, situation]) => {
    const program = [...reporter, "/report", ...(situation.args ?? [])];
    return [program, [...binder, "127.0.0.1", "0", ...program]].map((command) => [
      ...["sh", "-c", reporting, "sh"],
      ...inSituation({ binder, reporter, arrange }, command, "/report", situation),
    ]);
  });
  const states = (await machine.runAll(commands)).map(({ stdout }) => {
    const [, exit, pid = "", report = ""] = /^exit (\d+)\n(\d+)\n([^]*)$/.exec(stdout) ?? [];
    // Each has a shell of its own above it.
    return `exit ${exit}\n${withoutNumbers(report, pid).replace(/^ppid: \d+\n/m, "")}`;
  });
  return new Map(possible.map(([name], i) => [name, [states[2 * i]!, states[2 * i + 1]!]]));
}

type SpawnOptions = { env: Record<string, string>; cwd?: string };

async function inPipes(command: string[], options: SpawnOptions): Promise<string> {
  const { exit, stdout, stderr } = await run(command, options);
  return `exit ${exit}, stdout ${stdout}, stderr ${stderr}`;
}

async function inTerminal(command: string[], options: SpawnOptions): Promise<string> {
  let printed = "";
  await using terminal = new Bun.Terminal({ data: (_, bytes) => void (printed += bytes.toString()) });
  await using child = spawn(command, ["ignore", "ignore", "ignore"], { ...options, terminal });
  const exit = await child.exited;
  return `exit ${child.signalCode ?? exit}, printed ${printed}`;
}

/** What another run of the same has other numbers for: its pid, the pipes and sockets of the tests, the terminal. */
function withoutNumbers(report: string, pid: string): string {
  const seen: string[] = [];
  const nth = (target: string) => (seen.includes(target) ? seen.indexOf(target) : seen.push(target) - 1);
  return report
    .replace(`\npid: ${pid}\n`, "\npid: the shell's\n")
    .replaceAll(
      /\d+ bytes, hash \w+, (pipe:\[|socket:\[|\/dev\/pts\/)(\d+)/g,
      (_, kind, number) => `${kind}#${nth(kind + number)}`,
    );
}
