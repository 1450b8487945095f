import type { Pointer } from "bun:ffi";
import { name, version } from "../package.json";
import type { Arguments } from "./arguments.ts";
import { exec } from "./exec.ts";
import { Failure } from "./failure.ts";
import { extensions, reader } from "./lazy.ts";
import { output, POINTER, writeAll } from "./libc.ts";
import { resolveOptions } from "./options.ts";
import { currentProcess } from "./process.ts";
import { openSocket } from "./socket.ts";

/** The original's usage line, to the letter. */
const usage = `usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...`;

const STDOUT = 1;
/** Where messages go: not stderr's own number any more where that is given away. */
let stderr = 2;

const noOptions: Arguments = { given: {}, extended: false, operands: 0 };

function main(): void {
  const { argv, envp, argument: arg } = currentProcess();
  const args: Arguments = arg(0)?.startsWith("-") ? reader().readArguments(arg) : noOptions;
  if ("help" in args.given) return print(reader().help);
  if ("version" in args.given) return print(`${name} ${version}`);

  const first = args.operands;
  const options = resolveOptions(args, arg(first), arg(first + 1), arg(first + 2));
  const progArgv = (argv + POINTER * (1 + first + 2)) as Pointer;
  if (!options.extensions) {
    openSocket(options);
    exec(options.prog, progArgv, envp);
  }
  const { planHandOver, report, moveSocket } = extensions();
  const handOver = planHandOver(options.extensions, envp);
  stderr = handOver.stderr;
  const socket = openSocket(options);
  report(socket, options.address, options.extensions);
  moveSocket(socket, handOver);
  exec(options.prog, progArgv, handOver.envp);
}

function print(text: string): void {
  const error = extensions().inheritanceError(STDOUT) || writeAll(STDOUT, `${text}\n`);
  if (error !== 0) throw new Failure("unable to write to stdout", error);
}

/** Say what is wrong on stderr, and leave at once: there is nothing in this process to tear down. */
function fail(error: unknown): never {
  const failure = error instanceof Failure ? error : new Failure(String(error));
  const reason = failure.errno === undefined ? "" : `: ${output().strerror(failure.errno)}`;
  const lines = [`fatal: ${failure.message}${reason}`, ...(failure.usage ? [usage] : [])];
  const text = lines.map((line) => `${name}: ${line}\n`).join("");
  try {
    writeAll(stderr, text);
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
