import { readArguments } from "./arguments.ts";
import { name, version } from "../package.json";
import { exec } from "./exec.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { moveSocket, planHandOver } from "./hand-over.ts";
import { output, writeAll } from "./libc.ts";
import { resolveOptions } from "./options.ts";
import { argument, argvFrom, currentProcess } from "./process.ts";
import { report } from "./report.ts";
import { openSocket } from "./socket.ts";

const usage = () => (require("./command.ts") as typeof import("./command.ts")).usage;

/** The text of `--help`: the build renders it from the definition, and puts it here. */
declare const HELP: string;

const STDOUT = 1;
const STDERR = 2;

function main(): void {
  const self = currentProcess();
  const arg = (index: number) => argument(self, index + 1);
  const { given, operands } = readArguments(arg);
  if (given.has("help")) return print(HELP);
  if (given.has("version")) return print(`${name} ${version}`);

  const options = resolveOptions(given, arg(operands), arg(operands + 1), arg(operands + 2));
  const handOver = planHandOver(options, self.envp);
  const socket = openSocket(options);
  report(socket, options);
  moveSocket(socket, handOver);
  exec(options.prog, argvFrom(self, operands + 3), handOver.envp);
}

function print(text: string): void {
  const error = writeAll(STDOUT, `${text}\n`);
  if (error !== 0) throw new Failure("unable to write to stdout", error);
}

/** Say what is wrong on stderr, and leave at once: there is nothing in this process to tear down. */
function fail(error: unknown): never {
  const failure = error instanceof Failure ? error : new Failure(String(error));
  const reason = failure.errno === undefined ? "" : `: ${output().strerror(failure.errno)}`;
  const lines = [`fatal: ${failure.message}${reason}`, ...(failure instanceof UsageFailure ? [usage()] : [])];
  const text = lines.map((line) => `${name}: ${line}\n`).join("");
  try {
    writeAll(STDERR, text);
    output()._exit(failure.status);
  } catch {
    // Without bun:ffi, all that is left is the runtime's own way.
    console.error(text.trimEnd());
  }
  return process.exit(failure.status);
}

try {
  main();
  output()._exit(0);
} catch (error) {
  fail(error);
}
