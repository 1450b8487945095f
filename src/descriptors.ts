import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { EBADF, F_DUPFD_CLOEXEC, F_GETFD, RLIMIT_NOFILE, STDERR, STDIN } from "./linux.ts";
import { nextDescriptor, SD_LISTEN_FDS_START } from "./listen-fds.ts";
import type { Mutable } from "./mutable.ts";
import type { Options } from "./options.ts";

/** Which descriptors are for what. */
export interface Descriptors {
  /** What the socket becomes. */
  readonly fd: number | undefined;
  /** What it becomes, too, for LISTEN_FDS. */
  readonly passed: number | undefined;
  /** The one among those that LISTEN_FDS passes to us that is taken; the others stay. */
  readonly adopted: number | undefined;
  /** Where messages go: a copy of stderr, where that is given away; nowhere, where there is none. */
  readonly stderr: number;
}

/** All are of one shape, which the interpreter remembers. */
const stdinOnly = (): Mutable<Descriptors> => ({
  fd: STDIN,
  passed: undefined,
  adopted: undefined,
  stderr: STDERR,
});

/** What most runs have: the socket is stdin, and nothing else is to be done with it. */
export const asStdin: Descriptors = stdinOnly();
const plan = stdinOnly();

/** Where to write what nobody is to read: there is no such descriptor. */
const NOWHERE = -1;

/**
 * Work out, before anything is done, which descriptors the socket becomes. --fd replaces one that is open,
 * as redirections do: its number was chosen. That of --listen-fds was not.
 * @param adopted the descriptor of a socket that was passed, and is taken.
 * @returns what the next call overwrites.
 * @throws Fatal (exit 111) when one that was asked for cannot be had.
 */
export function planDescriptors(options: Options, adopted: number | undefined): Descriptors {
  const { adopt, fd, listenFds, reportFd, reportFile } = options;
  const next = adopt || listenFds ? nextDescriptor() : SD_LISTEN_FDS_START;
  const free = adopted === undefined ? next : next - 1;
  const passed = listenFds ? free : undefined;
  if (fd !== STDIN) checkLimit(fd);
  if (adopt || listenFds) {
    checkLimit(adopted === undefined ? passed : next - 1);
    checkPassed(fd, free);
    checkPassed(reportFd, next);
  }
  const isExpected = passed === fd || passed === reportFd || passed !== next;
  if (passed !== undefined && !isExpected && inheritanceError(passed) === 0) {
    const remedy = `close it (${passed}>&-), or say --fd=${passed} to replace it`;
    throw new Fatal(`descriptor ${passed}, where --listen-fds passes the socket, is open: ${remedy}`);
  }
  const unreported = reportFd === undefined ? 0 : inheritanceError(reportFd);
  if (unreported !== 0) throw new Fatal(`unable to report to descriptor ${reportFd}`, { errno: unreported });
  const named = reportFile?.descriptor;
  const unwritten = named === undefined ? 0 : inheritanceError(named);
  if (unwritten !== 0) throw new Fatal(`unable to write ${reportFile?.path}`, { errno: unwritten });
  plan.fd = fd;
  plan.passed = passed;
  plan.adopted = adopted;
  plan.stderr = STDERR;
  // What we open may get the number of stderr where that is closed: then no message may go there.
  if (inheritanceError(STDERR) !== 0) plan.stderr = NOWHERE;
  else if (fd === STDERR || passed === STDERR) plan.stderr = spare(STDERR, plan);
  return plan;
}

/** @returns `descriptor`, or a copy of it where the socket becomes that one. */
export function spare(descriptor: number, { fd = STDIN, passed = STDIN }: Descriptors): number {
  if (descriptor !== fd && descriptor !== passed) return descriptor;
  const copy = libc.fcntl(descriptor, F_DUPFD_CLOEXEC, Math.max(STDERR, fd, passed) + 1);
  if (copy === -1) throw new Fatal(`unable to keep descriptor ${descriptor}`, { errno: errno() });
  return copy;
}

function checkPassed(descriptor: number | undefined, end: number): void {
  if (descriptor === undefined || descriptor < SD_LISTEN_FDS_START || descriptor >= end) return;
  throw new Fatal(`descriptor ${descriptor} is a socket that is passed already`);
}

function checkLimit(descriptor: number | undefined): void {
  if (descriptor === undefined) return;
  // struct rlimit: two numbers of 64 bits, of which the first one is the soft limit.
  const limit = new Uint32Array(4);
  libc.getrlimit(RLIMIT_NOFILE, limit);
  const soft = limit[0]! + limit[1]! * 2 ** 32;
  if (descriptor >= soft) {
    throw new Fatal(`descriptor ${descriptor} is beyond the limit of open files, ${soft}`);
  }
}

/**
 * @returns why `descriptor` was not inherited; 0: it was. Where stdin, stdout or stderr was closed,
 *   Bun opens /dev/null at its start, marked close-on-exec: what is inherited never is.
 */
export function inheritanceError(descriptor: number): number {
  const flags = libc.fcntl(descriptor, F_GETFD, 0);
  return flags === -1 ? errno() : flags === 0 ? 0 : EBADF;
}

/** Make `socket` the planned descriptors, and only these. */
export function placeSocket(socket: number, { fd, passed }: Descriptors): void {
  if (fd !== undefined && fd !== socket) become(socket, fd);
  if (passed !== undefined && passed !== socket) become(socket, passed);
  if (socket !== fd && socket !== passed) libc.close(socket);
}

function become(socket: number, descriptor: number): void {
  if (libc.dup2(socket, descriptor) !== -1) return;
  throw new Fatal(`unable to make the socket descriptor ${descriptor}`, { errno: errno() });
}
