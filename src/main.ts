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

const STDOUT = 1;
const STDERR = 2;

function main(): void {
  const self = currentProcess();
  const arg = (index: number) => argument(self, index + 1);
  const { given, operands } = readArguments(arg);
  if (given.has("help")) return void import("./help.ts").then(({ help }) => help()).then(succeed, fail);
  if (given.has("version")) return succeed(`${name} ${version}`);

  const options = resolveOptions(given, arg(operands), arg(operands + 1), arg(operands + 2));
  const handOver = planHandOver(options, self.envp);
  const socket = openSocket(options);
  report(socket, options);
  moveSocket(socket, handOver);
  exec(options.prog, argvFrom(self, operands + 3), handOver.envp);
}

function succeed(text: string): never {
  return exit(STDOUT, `${text}\n`, 0);
}

function fail(error: unknown): never {
  const failure = error instanceof Failure ? error : new Failure(String(error));
  const reason = failure.errno === undefined ? "" : `: ${output().strerror(failure.errno)}`;
  const lines = [`fatal: ${failure.message}${reason}`, ...(failure instanceof UsageFailure ? [usage()] : [])];
  return exit(STDERR, lines.map((line) => `${name}: ${line}\n`).join(""), failure.status);
}

/** Print, then leave at once: there is nothing in this process to tear down. */
function exit(fd: number, text: string, status: number): never {
  try {
    writeAll(fd, text);
    output()._exit(status);
  } catch {
    // Without bun:ffi, all that is left is the runtime's own way.
    console.error(text.trimEnd());
  }
  return process.exit(status);
}

try {
  main();
} catch (error) {
  fail(error);
}
