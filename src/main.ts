import { type Pointer } from "bun:ffi";
import { name } from "../package.json";
import { findPassed } from "./adopt.ts";
import { bytesOf, readCString, writeAll } from "./bytes.ts";
import { help } from "./help.ts";
import { inheritanceError, placeSocket, planDescriptors } from "./descriptors.ts";
import { nextStart, type Start } from "./entry.ts";
import { exec } from "./exec.ts";
import { exitCode, Fatal } from "./failure.ts";
import { libc } from "./libc.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { passingEnvironment } from "./listen-fds.ts";
import { missing } from "./operands.ts";
import { resolveOptions } from "./options.ts";
import { forget, noOptions, parse } from "./parse.ts";
import { report } from "./report.ts";
import type { ReportFile } from "./report-file.ts";
import { openSocket } from "./socket.ts";
import { versions } from "./version.ts";

/** The original's usage line, to the letter. */
const usage = `usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...`;

/** Where messages go: a copy of stderr, if its own number is given to the socket. */
let stderr = STDERR;
/** What is to be taken back after a failure. */
let reported: ReportFile | undefined;

function main(start: Start): void {
  const commandLine = start.hasOptions() ? parse(start) : noOptions;
  const { flags, optind } = commandLine;
  if (commandLine !== noOptions) {
    if (flags.has("help")) return print(help);
    if (flags.has("version")) return print(versions());
  }

  const ip = start.argument(optind);
  const port = start.argument(optind + 1);
  const prog = start.argument(optind + 2);
  if (ip === undefined || port === undefined || prog === undefined) throw missing(commandLine, ip, port);
  const options = resolveOptions(commandLine, ip, port);
  const adopted = options.adopt ? findPassed(options) : undefined;
  const descriptors = planDescriptors(options, adopted);
  stderr = descriptors.stderr;
  const socket = openSocket(options, ip, port, adopted);
  reported = report(socket, options, prog, descriptors);
  placeSocket(socket, descriptors);
  const { listenFds, fdName } = options;
  const changes = listenFds || adopted !== undefined;
  const envp = changes ? passingEnvironment(start.envp, { adopted, listenFds, fdName }) : start.envp;
  exec(prog, start.argvFrom(optind + 2), envp);
}

function print(text: string): void {
  const error = inheritanceError(STDOUT) || writeAll(STDOUT, bytesOf(`${text}\n`));
  if (error !== 0) throw new Fatal("unable to write to stdout", { errno: error });
}

/** Say what is wrong on stderr, and take back what was told. @returns the exit code. */
function fail(error: unknown): number {
  reported?.takeBack();
  const fatal = error instanceof Fatal ? error : new Fatal(String(error));
  const { message, errno, status, hint } = fatal;
  const reason = errno === undefined ? "" : `: ${readCString(libc.strerror(errno) as Pointer)}`;
  const before = hint === undefined ? "" : `${name}: hint: ${hint}\n`;
  const after = fatal.usage ? `${name}: ${usage}\n` : "";
  writeAll(stderr, bytesOf(`${before}${name}: fatal: ${message}${reason}\n${after}`));
  return status;
}

/** @returns the exit code, where prog was not executed. Nothing of a run is left for the next one. */
function run(start: Start): number {
  stderr = STDERR;
  reported = undefined;
  try {
    main(start);
    return exitCode.success;
  } catch (error) {
    return fail(error);
  } finally {
    forget();
  }
}

for (let status: number = exitCode.success; ;) {
  const start = nextStart(status);
  status = run(start);
  // Leave at once: there is nothing in this process to tear down.
  if (!start.isRehearsal) libc._exit(status);
}
