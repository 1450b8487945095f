/** What holds for every run. */

import { name } from "../../package.json";
import type { Case } from "./cases.ts";
import { SELF } from "./command-lines.ts";
import type { Outcome, Runner } from "./run.ts";

/** Ours, and that of prog. */
const STATUSES = [0, 1, 100, 111, 126, 127];

/** Variables that are for the runtime, or for ld.so: they are obeyed where a program is not frozen. */
const OBEYED = /^(BUN|NODE|LD|MALLOC)_/;

/** Whether it can be the same unfrozen: the runtime's start, which frozen runs do not have, leaves traces itself. */
function isComparable({ args, failures, environment, open }: Case): boolean {
  // It makes calls of its own, and marks as close-on-exec what was inherited.
  const inherits = open.length > 0 || args.includes(SELF);
  return failures.length === 0 && !inherits && !environment.some((variable) => OBEYED.test(variable));
}

/** Run a case. @returns what it left. @throws Error that says what is wrong with its outcome. */
export function verify(runner: Runner, executable: string, unfrozen: string, aCase: Case): Outcome {
  const outcome = runner.run(executable, aCase);
  const wrong = wrongByItself(outcome, aCase);
  if (wrong !== undefined) throw new Error(`${wrong}: ${JSON.stringify(outcome)}`);
  if (aCase.compared && isComparable(aCase)) compare(runner, executable, unfrozen, aCase);
  return outcome;
}

function wrongByItself({ status, stdout, stderr }: Outcome, aCase: Case): string | undefined {
  const said = `${stdout}${stderr}`;
  if (said.includes("defect")) return "a defect";
  if (!STATUSES.includes(status)) return `status ${status}`;
  return status >= 100 && isHeard(aCase) && !said.includes(`${name}: fatal: `) ? "no message" : undefined;
}

/** Whether a message comes to stderr: unless it is closed, or a socket, or write() fails. */
function isHeard({ args, closed, failures }: Case): boolean {
  return failures.length === 0 && !closed.includes(2) && !(args.includes(SELF) && args.includes("--fd=2"));
}

/** Others may bind the same port at the same time: only what stays different is. */
const ATTEMPTS = 3;

function compare(runner: Runner, executable: string, unfrozen: string, aCase: Case): void {
  let [frozen, other] = ["", ""];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    frozen = comparable(runner.run(executable, aCase));
    other = comparable(runner.run(unfrozen, aCase));
    if (frozen === other) return;
  }
  throw new Error(`it is not the same where it is not frozen: ${frozen} ${other}`);
}

/** What is the same in two runs: not their process ids, ports that the kernel chose, inodes, build IDs. */
function comparable(outcome: Outcome): string {
  return JSON.stringify({ ...outcome, missed: undefined })
    .replace(/LISTEN_PID=\d+/g, "LISTEN_PID")
    .replace(/socket:\[\d+\]/g, "socket")
    .replace(/ \d{4,5}\\n/g, " PORT\\n")
    .replace(/build: [^\\]+/g, "build");
}
