/**
 * What the program asks while it starts and while it rehearses, and what it is told: a row a system call.
 * A number is the answer, "kernel" leaves it to the kernel, a function looks at the arguments.
 * Whatever is not here stops the build, by name.
 */

import type { SyscallName } from "./arch.ts";
import type { Answer, Call } from "./call.ts";
import * as descriptor from "./descriptor-rules.ts";
import type { OpenFile } from "./files.ts";
import {
  AT_EMPTY_PATH,
  EAGAIN,
  EBADF,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOSYS,
  FUTEX_CMD_MASK,
  FUTEX_WAKE,
  MREMAP_MAYMOVE,
} from "./linux.ts";
import type { Machine } from "./machine.ts";
import { mapMemory } from "./mapping.ts";
import * as path from "./path-rules.ts";
import * as sockets from "./sockets.ts";
import * as system from "./system-rules.ts";

type Rule = number | "kernel" | ((call: Call, machine: Machine) => Answer);

/** Every id: of the process, of its one thread. */
const ID = 1000;

export const rules: Partial<Record<SyscallName, Rule>> = {
  // Memory: mmap(2), brk(2).
  mmap: mapMemory,
  munmap: "kernel",
  mprotect: "kernel",
  madvise: "kernel",
  mremap: (call) => (call.argument(3) & MREMAP_MAYMOVE ? -ENOMEM : "kernel"),
  brk: 0,
  arch_prctl: system.setThreadPointer,

  // Files: those of files.ts, and no others.
  open: (call, machine) => path.open(machine, call.string(0), call.int(1)),
  openat: (call, machine) => path.open(machine, call.string(1), call.int(2)),
  access: (call, machine) => path.access(machine, call.string(0), call.int(1)),
  faccessat: (call, machine) => path.access(machine, call.string(1), call.int(2)),
  faccessat2: (call, machine) => path.access(machine, call.string(1), call.int(2)),
  readlink: (call, machine) => path.readLink(machine, call, 0),
  readlinkat: (call, machine) => path.readLink(machine, call, 1),
  getcwd: (call) => call.put(0, Buffer.from("/\0")),
  read: withFile(descriptor.read),
  pread64: withFile(descriptor.pread),
  lseek: withFile(descriptor.lseek),
  fstat: withFile(descriptor.stat),
  newfstatat: (call, machine) => {
    if (!(call.int(3) & AT_EMPTY_PATH)) return -ENOENT;
    const file = machine.files.get(call.int(0));
    return file ? descriptor.stat(file, call, machine, 2) : -EBADF;
  },
  statx: path.statx,
  write: withFile(descriptor.write),
  sendfile: withFile(descriptor.sendfile),
  ftruncate: withFile(() => 0),
  fchmod: withFile(() => 0),
  fchown: withFile(() => 0),
  fsync: withFile(() => 0),
  close: (call, machine) => (machine.files.close(call.int(0)) ? 0 : -EBADF),
  close_range: 0,
  fcntl: withFile(descriptor.fcntl),
  ioctl: withFile(descriptor.ioctl),
  dup2: withFile((_, call, machine) => machine.files.duplicate(call.int(0), call.int(1))),
  dup3: withFile((_, call, machine) => machine.files.duplicate(call.int(0), call.int(1))),
  rename: (call, machine) => path.rename(machine, call.string(0), call.string(1)),
  renameat: (call, machine) => path.rename(machine, call.string(1), call.string(3)),
  renameat2: (call, machine) => path.rename(machine, call.string(1), call.string(3)),
  unlink: (call, machine) => path.unlink(machine, call.string(0)),
  unlinkat: (call, machine) => path.unlink(machine, call.string(1)),
  epoll_create1: (_, machine) => machine.files.open("epoll"),
  epoll_ctl: 0,
  eventfd2: (_, machine) => machine.files.open("eventfd"),

  // Sockets: those of sockets.ts.
  socket: sockets.socket,
  sendto: withFile((_, call) => call.bytes(1, call.argument(2)).length),
  setns: withFile(() => 0),
  setsockopt: withFile(() => 0),
  getsockopt: withFile(sockets.getsockopt),
  bind: withFile(sockets.bind),
  listen: withFile(() => 0),
  getsockname: withFile(sockets.getsockname),
  getpeername: withFile(sockets.getpeername),

  // The process: its one thread, signals, limits.
  execve: -ENOENT,
  getpid: ID,
  gettid: ID,
  clone: system.secondThread,
  clone3: system.secondThread,
  exit: system.ended,
  exit_group: system.ended,
  set_tid_address: ID,
  set_robust_list: 0,
  rseq: -ENOSYS,
  // There is nobody to wait for: futex(2).
  futex: (call) => ((call.int(1) & FUTEX_CMD_MASK) === FUTEX_WAKE ? 0 : -EAGAIN),
  rt_sigaction: (call) => (call.put(2, Buffer.alloc(32)), 0),
  rt_sigprocmask: (call) => (call.put(2, Buffer.alloc(8)), 0),
  sigaltstack: 0,
  prctl: -EINVAL,
  prlimit64: (call) => (call.put(3, system.limit(call.int(1))), 0),

  // The system and the time: one CPU, a gibibyte, no name, every random byte the same.
  uname: (call) => (call.put(0, Buffer.alloc(6 * 65)), 0),
  sysinfo: (call) => (call.put(0, system.sysinfo()), 0),
  sched_getaffinity: (call) => call.put(2, system.words(1)),
  getrandom: (call) => call.put(0, Buffer.alloc(call.argument(1), 0x11)),
  clock_gettime: (call, machine) => (call.put(1, system.timespec(machine.now())), 0),
  time: 1000,
  gettimeofday: (call, machine) => (call.put(0, system.timespec(machine.now())), 0),
  clock_nanosleep: (call, machine) => (machine.now(system.nanoseconds(call.bytes(2, 16))), 0),
  nanosleep: (call, machine) => (machine.now(system.nanoseconds(call.bytes(0, 16))), 0),
};

/** A rule for a call whose first argument is a descriptor. */
function withFile(rule: (file: OpenFile, call: Call, machine: Machine) => Answer): Rule {
  return (call, machine) => {
    const file = machine.files.get(call.int(0));
    return file ? rule(file, call, machine) : -EBADF;
  };
}
