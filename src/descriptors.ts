import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { EBADF, F_DUPFD_CLOEXEC, F_GETFD, RLIMIT_NOFILE, STDERR, STDIN } from "./linux.ts";
import { nextDescriptor, SD_LISTEN_FDS_START } from "./listen-fds.ts";
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

/** What most runs have: made once, since each page that a run takes costs time. */
const asStdin: Descriptors = { fd: STDIN, passed: undefined, adopted: undefined, stderr: STDERR };

/** Where to write what nobody is to read: there is no such descriptor. */
const NOWHERE = -1;

/**
 * Work out, before anything is done, which descriptors the socket becomes. --fd replaces one that is open,
 * as redirections do: its number was chosen. That of --listen-fds was not.
 * @param adopted the descriptor of a socket that was passed, and is taken.
 * @throws Fatal (exit 111) when one that was asked for cannot be had.
 */
export function planDescriptors(options: Options, adopted: number | undefined): Descriptors {
  const { netns, adopt, fd, listenFds, reportFd, reportFile, notify } = options;
  const isReported = reportFd !== undefined || reportFile !== undefined || notify;
  // Then we open nothing but the socket, which is stdin: stderr is what it was.
  if (fd === STDIN && !adopt && !listenFds && !isReported && netns === undefined) {
    return asStdin;
  }
  const next = adopt || listenFds ? nextDescriptor() : SD_LISTEN_FDS_START;
  const free = adopted === undefined ? next : next - 1;
  const passed = listenFds ? free : undefined;
  checkLimit(fd);
  checkLimit(adopted === undefined ? passed : next - 1);
  checkPassed(fd, free);
  checkPassed(reportFd, next);
  const isExpected = passed === fd || passed === reportFd || passed !== next;
  if (passed !== undefined && !isExpected && inheritanceError(passed) === 0) {
    const remedy = `close it (${passed}>&-), or say --fd=${passed} to replace it`;
    throw new Fatal(`descriptor ${passed}, where --listen-fds passes the socket, is open: ${remedy}`);
  }
  checkInherited(reportFd, "report to descriptor", reportFd);
  checkInherited(reportFile?.descriptor, "write", reportFile?.path);
  const plan = { fd, passed, adopted, stderr: STDERR as number };
  // What we open may get the number of stderr where that is closed: then no message may go there.
  plan.stderr = inheritanceError(STDERR) === 0 ? spare(STDERR, plan) : NOWHERE;
  return plan;
}

/** @returns `descriptor`, or a copy of it where the socket becomes that one. */
export function spare(descriptor: number, { fd = STDIN, passed = STDIN }: Descriptors): number {
  if (descriptor !== fd && descriptor !== passed) return descriptor;
  const copy = libc.fcntl(descriptor, F_DUPFD_CLOEXEC, Math.max(STDERR, fd, passed) + 1);
  if (copy === -1) throw new Fatal(`unable to keep descriptor ${descriptor}`, { errno: errno() });
  return copy;
}

function checkInherited(
  descriptor: number | undefined,
  attempt: string,
  object: number | string | undefined,
) {
  const error = descriptor === undefined ? 0 : inheritanceError(descriptor);
  if (error !== 0) throw new Fatal(`unable to ${attempt} ${object}`, { errno: error });
}

function checkPassed(descriptor: number | undefined, end: number): void {
  if (descriptor === undefined || descriptor < SD_LISTEN_FDS_START || descriptor >= end) return;
  throw new Fatal(`descriptor ${descriptor} is a socket that is passed already`);
}

function checkLimit(descriptor: number | undefined): void {
  if (descriptor === undefined || descriptor === STDIN) return;
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
  become(socket, fd);
  become(socket, passed);
  if (socket !== fd && socket !== passed) libc.close(socket);
}

function become(socket: number, descriptor: number | undefined): void {
  if (descriptor === undefined || descriptor === socket || libc.dup2(socket, descriptor) !== -1) return;
  throw new Fatal(`unable to make the socket descriptor ${descriptor}`, { errno: errno() });
}
