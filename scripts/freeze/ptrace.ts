/** The system's part in tracing another process: functions of libc, and the constants they take. */

import { dlopen, FFIType, ptr, read, type FFIFunction } from "bun:ffi";
import { alignUp } from "./address-space.ts";

const { symbols: libc } = dlopen("libc.so.6", {
  /** int *__errno_location(void) */
  __errno_location: { args: [], returns: "ptr" },
  /** char *strerror(int errnum) */
  strerror: { args: ["i32"], returns: "cstring" },
  /** long ptrace(enum __ptrace_request op, pid_t pid, void *addr, void *data) */
  ptrace: { args: ["i32", "i32", "usize", "usize"], returns: "i32" },
  /** pid_t waitpid(pid_t pid, int *wstatus, int options) */
  waitpid: { args: ["i32", "usize", "i32"], returns: "i32" },
  /** ssize_t process_vm_writev(pid, const struct iovec *local, unsigned long n, remote, n, unsigned long flags) */
  process_vm_writev: {
    args: ["i32", "usize", "usize", "usize", "usize", "usize"],
    returns: FFIType.i64_fast,
  },
  /** int getpagesize(void) */
  getpagesize: { args: [], returns: "i32" },
  /** int kill(pid_t pid, int sig) */
  kill: { args: ["i32", "i32"], returns: "i32" },
  /** int pipe2(int pipefd[2], int flags) */
  pipe2: { args: ["ptr", "i32"], returns: "i32" },
  /** int prlimit(pid_t pid, int resource, const struct rlimit *new_limit, struct rlimit *old_limit) */
  prlimit: { args: ["i32", "i32", "ptr", "ptr"], returns: "i32" },
  /** int posix_spawn(pid_t *pid, const char *path, actions, attributes, char *const argv[], char *const envp[]) */
  posix_spawn: { args: ["ptr", "ptr", "ptr", "ptr", "ptr", "ptr"], returns: "i32" },
  /** int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions) */
  posix_spawn_file_actions_init: { args: ["ptr"], returns: "i32" },
  /** int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int fd, int newfd) */
  posix_spawn_file_actions_adddup2: { args: ["ptr", "i32", "i32"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>);

export { libc };

const errnoLocation = libc.__errno_location()!;

/** What a system call that failed is reported as: what was tried, and what the system said. */
export class SystemError extends Error {
  constructor(
    attempt: string,
    readonly errno: number = read.i32(errnoLocation, 0),
  ) {
    super(`${attempt}: ${libc.strerror(errno)}`);
  }
}

/** @throws SystemError unless `result` is at least 0. */
export function check(result: number | bigint, attempt: string): number {
  if (result < 0) throw new SystemError(attempt);
  return Number(result);
}

/** Memory for the kernel to read and write: it is where it is, as long as this is referred to. */
export class Block {
  readonly bytes: Uint8Array;
  readonly ints: Int32Array;
  readonly words: BigUint64Array;
  readonly address: number;

  /** @param size in bytes. */
  constructor(readonly size: number) {
    // A typed array without a buffer of its own would move when it gets one.
    const buffer = new ArrayBuffer(alignUp(size, 8));
    this.bytes = new Uint8Array(buffer, 0, size);
    this.ints = new Int32Array(buffer);
    this.words = new BigUint64Array(buffer);
    this.address = ptr(this.bytes);
  }
}
