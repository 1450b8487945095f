import { read, type Pointer } from "bun:ffi";
import { announce, FIRST_ANNOUNCED, nextDescriptor } from "./announcement.ts";
import type { Extensions } from "./extensions.ts";
import { Failure } from "./failure.ts";
import { allocate, errno, handOver, libc } from "./libc.ts";
import { Linux } from "./linux.ts";

const STDERR = 2;

/** Size of a limit, in bytes. A struct rlimit is the soft and the hard one: getrlimit(2). */
const RLIM = 8;

/** How prog gets the socket. */
export interface HandOver {
  /** The descriptors that become the socket. */
  readonly descriptors: readonly number[];
  /** char *envp[] */
  readonly envp: Pointer;
  /** Where messages go: a copy of stderr, where that is given away. */
  readonly stderr: number;
}

/**
 * Work out, before anything is done, how the socket is handed over.
 * @throws Failure (exit 111) when a descriptor that was asked for cannot be had.
 */
export function planHandOver({ fd, fdName, reportFd }: Extensions, envp: Pointer): HandOver {
  const next = fdName === undefined ? undefined : nextDescriptor();
  const descriptors = [fd, next].filter((descriptor) => descriptor !== undefined);
  for (const descriptor of descriptors) if (descriptor !== 0) checkLimit(descriptor);
  if (next !== undefined) for (const descriptor of [fd, reportFd]) checkAnnounced(descriptor, next);
  if (reportFd !== undefined) checkInherited(reportFd);
  const stderr = [...descriptors, reportFd].includes(STDERR) ? copyStderr(descriptors) : STDERR;
  const announced = next === undefined || fdName === undefined ? envp : announce(envp, next, fdName);
  return { descriptors, envp: announced, stderr };
}

/** @returns a descriptor behind those that are given away; stderr itself if there is none left. */
function copyStderr(descriptors: readonly number[]): number {
  const copy = handOver().fcntl(STDERR, Linux.F_DUPFD_CLOEXEC, Math.max(STDERR, ...descriptors) + 1);
  return copy === -1 ? STDERR : copy;
}

function checkAnnounced(descriptor: number | undefined, next: number): void {
  if (descriptor === undefined || descriptor < FIRST_ANNOUNCED || descriptor >= next) return;
  throw new Failure(`descriptor ${descriptor} is a socket that is announced already`);
}

function checkLimit(descriptor: number): void {
  const limit = allocate(2 * RLIM);
  handOver().getrlimit(Linux.RLIMIT_NOFILE, limit);
  const soft = read.u64(limit, 0);
  if (descriptor >= soft) {
    throw new Failure(`descriptor ${descriptor} is beyond the limit of open files, ${soft}`);
  }
}

function checkInherited(descriptor: number): void {
  const error = inheritanceError(descriptor);
  if (error !== 0) throw new Failure(`unable to report to descriptor ${descriptor}`, error);
}

/**
 * @returns why `descriptor` was not inherited; 0: it was. Bun opens /dev/null where stdin, stdout
 *   or stderr was closed, and marks it: what is inherited never is.
 */
export function inheritanceError(descriptor: number): number {
  const flags = handOver().fcntl(descriptor, Linux.F_GETFD, 0);
  return flags === -1 ? errno() : flags === 0 ? 0 : Linux.EBADF;
}

/** Make `socket` the planned descriptors, and only these. */
export function moveSocket(socket: number, { descriptors }: HandOver): void {
  for (const descriptor of descriptors) {
    if (descriptor !== socket && handOver().dup2(socket, descriptor) === -1) {
      throw new Failure(`unable to make the socket descriptor ${descriptor}`, errno());
    }
  }
  if (!descriptors.includes(socket)) libc().close(socket);
}
