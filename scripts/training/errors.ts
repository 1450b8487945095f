/** How the system calls of a run can fail. */

import { constants } from "node:os";
import type { Failure } from "../freeze/machine.ts";

const OPEN =
  "EACCES EBUSY EDQUOT EEXIST EINTR EINVAL EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENODEV ENOMEM ENOSPC ENOTDIR ENXIO EOPNOTSUPP EOVERFLOW EPERM EROFS ETXTBSY";
const PATH = "EACCES ELOOP ENAMETOOLONG ENOMEM ENOTDIR";

/**
 * What the manual pages say of them, section 2 and socket(7), ip(7), tcp(7), netdevice(7): but for what is a
 * matter of our pointers. EPERM is what a seccomp filter says, ENOENT that of a path goes without saying.
 */
export const errorsOf = {
  bind: "EACCES EADDRINUSE EADDRNOTAVAIL EBADF EINVAL ENOBUFS ENODEV ENOMEM ENOTSOCK EPERM",
  clock_gettime: "EINVAL EPERM",
  close: "EBADF EDQUOT EINTR EIO ENOSPC",
  dup2: "EBADF EBUSY EINTR EINVAL EMFILE",
  execve:
    "E2BIG EACCES EAGAIN EINVAL EIO EISDIR ELIBBAD ELOOP EMFILE ENAMETOOLONG ENFILE ENOEXEC ENOMEM ENOTDIR EPERM ETXTBSY",
  faccessat: `${PATH} EINVAL EIO EPERM EROFS ETXTBSY`,
  fchmod: "EBADF EIO EPERM EROFS",
  fchown: "EBADF EDQUOT EIO EPERM EROFS",
  fcntl: "EBADF EINVAL EMFILE EPERM",
  fsync: "EBADF EDQUOT EINTR EINVAL EIO ENOSPC EROFS",
  ftruncate: "EBADF EFBIG EINTR EINVAL EIO EPERM EROFS ETXTBSY",
  getpeername: "EBADF EINVAL ENOBUFS ENOTCONN ENOTSOCK EPERM",
  getrandom: "EAGAIN EINTR EINVAL ENOSYS EPERM",
  getrlimit: "EINVAL EPERM",
  getsockname: "EBADF EINVAL ENOBUFS ENOTSOCK",
  getsockopt: "EBADF EINVAL ENOPROTOOPT ENOTSOCK EPERM",
  ioctl: "EBADF EINVAL ENODEV ENOTTY EPERM",
  listen: "EADDRINUSE EBADF EINVAL ENOTSOCK EOPNOTSUPP EPERM",
  open: OPEN,
  read: "EAGAIN EBADF EINTR EINVAL EIO EISDIR",
  readlink: `${PATH} EIO`,
  rename:
    "EACCES EBUSY EDQUOT EEXIST EINVAL EISDIR ELOOP EMLINK ENAMETOOLONG ENOENT ENOMEM ENOSPC ENOTDIR ENOTEMPTY EPERM EROFS EXDEV",
  sendfile: "EAGAIN EBADF EINVAL EIO ENOMEM EOVERFLOW ESPIPE",
  sendto:
    "EACCES EAGAIN EBADF ECONNREFUSED ECONNRESET EDESTADDRREQ EINVAL EISCONN EMSGSIZE ENOBUFS ENOENT ENOMEM ENOTCONN ENOTDIR ENOTSOCK EOPNOTSUPP EPERM EPIPE EPROTOTYPE",
  setns: "EBADF EINVAL ENOMEM EPERM",
  setsockopt:
    "EACCES EADDRNOTAVAIL EBADF EDOM EINVAL ENODEV ENOENT ENOMEM ENOPROTOOPT ENOTSOCK EOPNOTSUPP EPERM",
  sigaction: "EINVAL EPERM",
  socket: "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPERM EPROTONOSUPPORT",
  statx: `${PATH} EBADF EINVAL EPERM`,
  unlink: `${PATH} EBUSY EIO EISDIR EPERM EROFS`,
  usleep: "EINTR EINVAL EPERM",
  write: "EAGAIN EBADF EDQUOT EFBIG EINVAL EIO ENOSPC EPERM EPIPE ECONNRESET",
} as const;

export type CallName = keyof typeof errorsOf;

/** The system calls that these functions of libc make, where they have other names, or more than one. */
const systemCalls: Partial<Record<CallName, Failure[0]>> = {
  dup2: ["dup2", "dup3"],
  faccessat: ["faccessat2", "faccessat"],
  getrlimit: ["prlimit64", "getrlimit"],
  open: ["openat", "open"],
  readlink: ["readlink", "readlinkat"],
  rename: ["rename", "renameat", "renameat2"],
  sigaction: ["rt_sigaction"],
  unlink: ["unlink", "unlinkat"],
  usleep: ["clock_nanosleep", "nanosleep"],
};

/** Those of the kernel; Node.js leaves out what no program of its own can meet (asm-generic/errno.h). */
const errnos: Readonly<Record<string, number>> = { ...constants.errno, ELIBBAD: 80 };

/** A call that fails, `after` it did not so many times. */
export function failing(call: CallName, error: string, after = 0): Failure[] {
  const errno = errnos[error];
  if (errno === undefined) throw new Error(`there is no errno ${error}`);
  const names = systemCalls[call] ?? [call as Exclude<CallName, keyof typeof systemCalls>];
  const passing = Array.from({ length: after }, (): Failure => [names, 0]);
  return [...passing, [names, errno]];
}
