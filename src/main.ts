import { read, type Pointer } from "bun:ffi";
import { name } from "../package.json";
import { parseAddress } from "./address.ts";
import { findPassed } from "./adopt.ts";
import { bytesOf, POINTER, readCString, writeAll } from "./bytes.ts";
import { clear, flags } from "./flags.ts";
import { help } from "./help.ts";
import { asStdin, inheritanceError, placeSocket, planDescriptors } from "./descriptors.ts";
import { nextStart, type Start } from "./entry.ts";
import { exec } from "./exec.ts";
import { exitCode, Fatal } from "./failure.ts";
import { libc } from "./libc.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { passingEnvironment } from "./listen-fds.ts";
import { opening } from "./opening.ts";
import { missing } from "./operands.ts";
import { checkAddress, defaults, resolveOptions } from "./options.ts";
import { noOptions, parse } from "./parse.ts";
import { report } from "./report.ts";
import type { ReportFile } from "./report-file.ts";
import { versions } from "./version.ts";

/** The original's usage line, to the letter. */
const usage = `usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...`;

const HYPHEN = "-".charCodeAt(0);

/** Where messages go: a copy of stderr, if its own number is given to the socket. */
let stderr = STDERR;
/** What is to be taken back after a failure. */
let reported: ReportFile | undefined;

/** @returns the exit code. */
function print(text: string): number {
  const error = inheritanceError(STDOUT) || writeAll(STDOUT, bytesOf(`${text}\n`));
  if (error !== 0) throw new Fatal("unable to write to stdout", { errno: error });
  return exitCode.success;
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
    const { argc, argv } = start;
    const beginsWithOption = argc > 1 && read.u8(read.ptr(argv, POINTER) as Pointer, 0) === HYPHEN;
    const commandLine = beginsWithOption ? parse(start) : noOptions;
    const { optind } = commandLine;
    if (flags.help.given) return print(help);
    if (flags.version.given) return print(versions());

    if (argc < optind + 4) throw missing(commandLine, start.argument(optind), start.argument(optind + 1));
    const operands = (argv + POINTER * (optind + 1)) as Pointer;
    const ip = read.ptr(operands, 0) as Pointer;
    const port = read.ptr(operands, POINTER) as Pointer;
    const prog = read.ptr(operands, 2 * POINTER) as Pointer;
    const options = commandLine === noOptions ? defaults : resolveOptions(commandLine);
    const address = parseAddress(ip, port);
    if (options !== defaults) checkAddress(options, address, ip);

    const adopted = options.adopt ? findPassed(options, address) : undefined;
    const descriptors = options.isStdinOnly ? asStdin : planDescriptors(options, adopted);
    stderr = descriptors.stderr;
    const socket = opening.open(options, address, adopted, ip, port);
    if (options.isReported) reported = report(socket, address, options, prog, descriptors);
    if (descriptors !== asStdin) placeSocket(socket, descriptors);
    const { listenFds, fdName } = options;
    const changes = listenFds || adopted !== undefined;
    const envp = changes ? passingEnvironment(start.envp, { adopted, listenFds, fdName }) : start.envp;
    exec(prog, (operands + 2 * POINTER) as Pointer, envp);
  } catch (error) {
    return fail(error);
  } finally {
    clear();
  }
}

for (let status: number = exitCode.success; ;) {
  const start = nextStart(status);
  status = run(start);
  // Leave at once: there is nothing in this process to tear down.
  if (!start.isRehearsal) libc._exit(status);
}
