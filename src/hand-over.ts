import type { Pointer } from "bun:ffi";
import { announce, nextDescriptor } from "./announcement.ts";
import { Failure } from "./failure.ts";
import { errno, handOver, libc } from "./libc.ts";
import { Linux } from "./linux.ts";
import type { Extensions } from "./extensions.ts";

/** How prog gets the socket. */
export interface HandOver {
  /** The descriptors that become the socket. */
  readonly descriptors: readonly number[];
  /** char *envp[] */
  readonly envp: Pointer;
}

/**
 * Work out, before anything is done, how the socket is handed over.
 * @throws Failure (exit 111) when a descriptor that was asked for cannot be had.
 */
export function planHandOver({ fd, fdName, reportFd }: Extensions, envp: Pointer): HandOver {
  const next = fdName === undefined ? undefined : nextDescriptor();
  const descriptors = [fd, next].filter((descriptor) => descriptor !== undefined);
  for (const descriptor of descriptors) if (descriptor !== 0) checkLimit(descriptor);
  if (reportFd !== undefined) checkInherited(reportFd);
  if (next === undefined || fdName === undefined) return { descriptors, envp };
  return { descriptors, envp: announce(envp, next, fdName) };
}

function checkLimit(descriptor: number): void {
  // struct rlimit: the soft limit comes first; getrlimit(2).
  const limit = new BigUint64Array(2);
  handOver().getrlimit(Linux.RLIMIT_NOFILE, limit);
  const [soft = 0n] = limit;
  if (descriptor >= soft) {
    throw new Failure(`descriptor ${descriptor} is beyond the limit of open files, ${soft}`);
  }
}

/** Bun opens /dev/null where stdin, stdout or stderr was closed, and marks it: what is inherited never is. */
function checkInherited(descriptor: number): void {
  const flags = handOver().fcntl(descriptor, Linux.F_GETFD);
  if (flags === 0) return;
  throw new Failure(`unable to report to descriptor ${descriptor}`, flags === -1 ? errno() : Linux.EBADF);
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
