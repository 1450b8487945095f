import type { Pointer } from "bun:ffi";
import { announce } from "./announcement.ts";
import { Failure } from "./failure.ts";
import { errno, handOver, libc } from "./libc.ts";
import { F_GETFD, RLIMIT_NOFILE } from "./linux.ts";
import type { Options } from "./options.ts";

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
export function planHandOver({ fd, fdName, reportFd }: Options, envp: Pointer): HandOver {
  const announcement = fdName === undefined ? undefined : announce(envp, fdName);
  const descriptors = [fd, announcement?.descriptor].filter((descriptor) => descriptor !== undefined);
  for (const descriptor of descriptors) if (descriptor !== 0) checkLimit(descriptor);
  if (reportFd !== undefined && handOver().fcntl(reportFd, F_GETFD) === -1) {
    throw new Failure(`unable to report to descriptor ${reportFd}`, errno());
  }
  return { descriptors, envp: announcement?.envp ?? envp };
}

function checkLimit(descriptor: number): void {
  // struct rlimit: the soft limit comes first; getrlimit(2).
  const limit = new BigUint64Array(2);
  handOver().getrlimit(RLIMIT_NOFILE, limit);
  const [soft = 0n] = limit;
  if (descriptor >= soft) {
    throw new Failure(`descriptor ${descriptor} is beyond the limit of open files, ${soft}`);
  }
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
