/** Every observed run of the original, repeated with our executable. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import cases from "./fixtures/cases.json";
import { bind, compile, freePort, name, scratch, testWith } from "./harness.ts";

interface Case {
  args: string[];
  exit: number;
  stderr: string;
  socket?: Record<string, unknown>;
  prog_args?: string[];
  stricter?: { exit: number };
}

const usage = `${name}: usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...\n`;
const somaxconn = Number(readFileSync("/proc/sys/net/core/somaxconn", "utf8"));

testWith(
  ["cc"],
  `${cases.length} runs of the original`,
  async () => {
    const probe = await compile("probe.c", scratch());
    const busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    const differences: string[] = [];
    for (const observed of cases as Case[]) {
      const port = String(freePort());
      const fill = (text: string) =>
        text.replaceAll("{PORT}", port).replaceAll("{BUSY}", String(busy.port)).replaceAll("{PROBE}", probe);
      const args = observed.args.map(fill);
      const difference = compare(observed, fill, await bind(args));
      if (difference) differences.push(`${JSON.stringify(args)}: ${difference}`);
    }
    busy.stop(true);
    expect(differences).toEqual([]);
  },
  120_000,
);

type Run = Awaited<ReturnType<typeof bind>>;

/** What is different from the observed run; undefined if nothing is. */
function compare(observed: Case, fill: (text: string) => string, run: Run): string | undefined {
  const exit = observed.stricter?.exit ?? observed.exit;
  const seen = `exit ${run.exit}, ${JSON.stringify(run.stderr)}`;
  if (run.exit !== exit) return `${seen}, expected exit ${exit}`;
  if (observed.stricter) return exit === 0 || refused(run, exit) ? undefined : seen;
  const expected = fill(observed.stderr);
  if (expected === usage)
    return refused(run, exit) ? undefined : `${seen}, expected a reason and the usage line`;
  if (run.stderr !== expected) return `${seen}, expected ${JSON.stringify(expected)}`;
  if (!observed.socket) return run.stdout === "" ? undefined : `stdout ${run.stdout}`;

  const { socket, prog_args } = JSON.parse(run.stdout);
  const { port, backlog, ...state } = observed.socket;
  const wanted = {
    ...state,
    port: port === "any" ? socket.port : fill(String(port)),
    // Seen where somaxconn was 4096, which cuts whatever is larger.
    backlog: backlog === 4096 ? somaxconn : backlog,
    scope: 0,
  };
  if (!Bun.deepEquals(socket, wanted)) return `${JSON.stringify(socket)}, expected ${JSON.stringify(wanted)}`;
  // The probe shows one character per byte.
  const arguments_ = observed.prog_args?.map((arg) => Buffer.from(arg).toString("latin1"));
  return Bun.deepEquals(prog_args, arguments_) ? undefined : `prog got ${JSON.stringify(prog_args)}`;
}

/** One line that says why, and for exit 100 the usage line after it. */
function refused({ stdout, stderr }: Run, exit: number): boolean {
  const lines = stderr.split("\n");
  const reason = lines[0]?.startsWith(`${name}: fatal: `) ?? false;
  return (
    stdout === "" &&
    reason &&
    (exit === 100 ? stderr.endsWith(usage) && lines.length === 3 : lines.length === 2)
  );
}
