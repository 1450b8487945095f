/** The observed runs of the original, and what it takes to repeat them with an executable of ours. */

import { availableParallelism } from "node:os";
import observed from "../fixtures/cases.json";
import { name, run, type Result } from "./harness.ts";
import { freePort } from "./ports.ts";
import { sysctlFile, sysctlNumber } from "./sysctl.ts";

export interface Case {
  args: string[];
  exit: number;
  stderr: string;
  socket?: Record<string, unknown>;
  prog_args?: string[];
  stricter?: { exit: number };
}

export const cases: readonly Case[] = observed;

/** The first case of every outcome: its exit code, its message without names and numbers, its kind of socket. */
export function oneOfEach(): Case[] {
  const outcomes = new Map<string, Case>();
  for (const observation of cases) {
    const { exit, stderr, socket, stricter } = observation;
    const [what, why] = stderr.replace(`${name}: fatal: `, "").split(/ ?: (?=[A-Z][a-z]+ )/);
    const message = [what?.split(" ").slice(0, 3), why];
    const state = { ...socket, ip: "", port: "", backlog: Number(socket?.["backlog"]) > 0 };
    const outcome = JSON.stringify([exit, message, state, stricter]);
    if (!outcomes.has(outcome)) outcomes.set(outcome, observation);
  }
  return [...outcomes.values()];
}

/** Seen where this sysctl was 4096, which cuts whatever is larger. */
const somaxconn = "core/somaxconn";
const isCut = ({ socket }: Case) => socket?.["backlog"] === 4096;

/** What repeating a case needs: see `testWith`. */
export const caseTools = (observation: Case) => [
  "cc",
  ...(isCut(observation) ? [sysctlFile(somaxconn)] : []),
];

/** The command line of a case, as one might type it. */
export function commandLine({ args }: Case): string {
  const words = args.map((arg) => (/^[\w{}%:.,/=+-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  return words.join(" ") || "no arguments";
}

const usage = `${name}: usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...\n`;

/** Where cases are repeated: the machine that the tests run on, or an emulated one. */
export interface Place {
  runAll(commands: string[][]): Promise<Result[]>;
  /** A port of 127.0.0.1 and ::1 that nobody listens to. */
  freePort(): number;
  /** One of 127.0.0.1 that somebody does listen to. */
  busyPort: number;
  somaxconn(): number;
}

interface Subject {
  /** The command that starts the executable. */
  launcher: string[];
  /** The path of probe.c's program. */
  probe: string;
  /** By default, this machine. */
  place?: Place;
}

/** Repeat cases. @returns what was different. */
export async function repeatCases(wanted: readonly Case[], subject: Subject): Promise<string[]> {
  if (subject.place) return repeatIn(subject.place, wanted, subject);
  using busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const here = { runAll, freePort, busyPort: busy.port, somaxconn: () => sysctlNumber(somaxconn) };
  return await repeatIn(here, wanted, subject);
}

async function repeatIn(place: Place, wanted: readonly Case[], { launcher, probe }: Subject) {
  const filled = wanted.map((observation) => {
    const port = String(place.freePort());
    const fill = (text: string) =>
      text
        .replaceAll("{PORT}", port)
        .replaceAll("{BUSY}", String(place.busyPort))
        .replaceAll("{PROBE}", probe);
    return { observation, fill };
  });
  const results = await place.runAll(
    filled.map(({ observation, fill }) => [...launcher, ...observation.args.map(fill)]),
  );
  return filled.flatMap(({ observation, fill }, index) => {
    const difference = compare(observation, fill, place, results[index]!);
    return difference === undefined ? [] : [`${commandLine(observation)}: ${difference}`];
  });
}

/** Run commands, as many at once as there are CPUs. */
async function runAll(commands: string[][]): Promise<Result[]> {
  const results: Result[] = [];
  const queue = commands.entries();
  const worker = async () => {
    for (const [index, command] of queue) results[index] = await run(command);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  return results;
}

/** Errors of the original that do not help: a line before them says what would be right. */
const mayHint = / unrecognized | invalid option: | backlog must be |: Invalid argument$/m;
const hint = new RegExp(`^${name}: hint: [^\n]+\n`);

/** What is different from the observed run; undefined if nothing is. */
function compare(
  observed: Case,
  fill: (text: string) => string,
  { somaxconn }: Place,
  run: Result,
): string | undefined {
  const exit = observed.stricter?.exit ?? observed.exit;
  const seen = `exit ${run.exit}, ${JSON.stringify(run.stderr)}`;
  if (run.exit !== exit) return `${seen}, expected exit ${exit}`;
  if (observed.stricter) return exit === 0 || refused(run, exit) ? undefined : seen;
  const expected = fill(observed.stderr);
  if (expected === usage)
    return refused(run, exit) ? undefined : `${seen}, expected a reason and the usage line`;
  const stderr = mayHint.test(expected) ? run.stderr.replace(hint, "") : run.stderr;
  if (stderr !== expected) return `${seen}, expected ${JSON.stringify(expected)}`;
  if (!observed.socket) return run.stdout === "" ? undefined : `stdout ${run.stdout}`;

  const { socket, prog_args } = JSON.parse(run.stdout);
  const { port, backlog, ...state } = observed.socket;
  const wanted = {
    ...state,
    port: port === "any" ? socket.port : fill(String(port)),
    backlog: isCut(observed) ? somaxconn() : backlog,
    scope: 0,
  };
  if (!Bun.deepEquals(socket, wanted)) return `${JSON.stringify(socket)}, expected ${JSON.stringify(wanted)}`;
  // The probe shows one character per byte.
  const arguments_ = observed.prog_args?.map((arg) => Buffer.from(arg).toString("latin1"));
  return Bun.deepEquals(prog_args, arguments_) ? undefined : `prog got ${JSON.stringify(prog_args)}`;
}

/** One line that says why, and for exit 100 the usage line after it. */
function refused({ stdout, stderr }: Result, exit: number): boolean {
  const lines = stderr.split("\n");
  const reason = lines[0]?.startsWith(`${name}: fatal: `) ?? false;
  return (
    stdout === "" &&
    reason &&
    (exit === 100 ? stderr.endsWith(usage) && lines.length === 3 : lines.length === 2)
  );
}
