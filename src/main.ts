import { type Pointer } from "bun:ffi";
import { name } from "../package.json";
import { readCString, writeAll } from "./bytes.ts";
import { help } from "./help.ts";
import { inheritanceError, placeSocket, planDescriptors } from "./descriptors.ts";
import { nextStart, type Start } from "./entry.ts";
import { exec } from "./exec.ts";
import { exitCode, Fatal } from "./failure.ts";
import { libc } from "./libc.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { passingEnvironment } from "./listen-fds.ts";
import { resolveOptions } from "./options.ts";
import { parse } from "./parse.ts";
import { report } from "./report.ts";
import { openSocket } from "./socket.ts";
import { versions } from "./version.ts";

/** The original's usage line, to the letter. */
const usage = `usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...`;

/** Where messages go: not stderr's own number any more where that is given away. */
let stderr = STDERR;

function main(start: Start): void {
  const { flags, optind } = parse(start);
  if (flags.has("help")) return print(help);
  if (flags.has("version")) return print(versions());

  const options = resolveOptions(
    flags,
    start.argument(optind),
    start.argument(optind + 1),
    start.argument(optind + 2),
  );
  const descriptors = planDescriptors(options);
  stderr = descriptors.stderr;
  const socket = openSocket(options);
  report(socket, options);
  placeSocket(socket, descriptors);
  const { passed } = descriptors;
  const envp = passed === undefined ? start.envp : passingEnvironment(start.envp, passed, options.fdName!);
  exec(options.prog, start.argvFrom(optind + 2), envp);
}

function print(text: string): void {
  const error = inheritanceError(STDOUT) || writeAll(STDOUT, `${text}\n`);
  if (error !== 0) throw new Fatal("unable to write to stdout", error);
}

/** Say what is wrong on stderr. @returns the exit code. */
function fail(error: unknown): number {
  const fatal = error instanceof Fatal ? error : new Fatal(String(error));
  const { message, errno, status } = fatal;
  const reason = errno === undefined ? "" : `: ${readCString(libc.strerror(errno) as Pointer)}`;
  const text = `${name}: fatal: ${message}${reason}\n`;
  writeAll(stderr, fatal.usage ? `${text}${name}: ${usage}\n` : text);
  return status;
}

/** @returns the exit code, where prog was not executed. Nothing of a run is left for the next one. */
function run(start: Start): number {
  stderr = STDERR;
  try {
    main(start);
    return exitCode.success;
  } catch (error) {
    return fail(error);
  }
}

for (let status: number = exitCode.success; ;) {
  const start = nextStart(status);
  status = run(start);
  // Leave at once: there is nothing in this process to tear down.
  if (!start.isRehearsal) libc._exit(status);
}
