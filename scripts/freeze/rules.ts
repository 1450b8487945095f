/**
 * What the program asks while it starts and while it rehearses, and what it is told: a row a system call.
 * A number is the answer, "kernel" leaves it to the kernel, a function looks at the arguments.
 * Whatever is not here stops the build, by name.
 */

import type { SyscallName } from "./arch.ts";
import * as path from "./file-rules.ts";
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
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  MREMAP_MAYMOVE,
  RLIMIT_NOFILE,
  RLIMIT_STACK,
  SEEK_CUR,
  SEEK_SET,
  S_IFREG,
} from "./linux.ts";
import type { Answer, Call, Machine } from "./machine.ts";
import { mapMemory } from "./mapping.ts";
import * as sockets from "./sockets.ts";

type Rule = number | "kernel" | ((call: Call, machine: Machine) => Answer);

// asm/prctl.h
const ARCH_SET_FS = 0x1002;

const MiB = 2 ** 20;
/** How much stack there is, in bytes. */
export const STACK_SIZE = MiB;
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
  arch_prctl: setThreadPointer,

  // Files: those of files.ts, and no others.
  open: (call, machine) => path.open(machine, call.string(0), call.int(1)),
  openat: (call, machine) => path.open(machine, call.string(1), call.int(2)),
  access: (call, machine) => path.access(machine, call.string(0), call.int(1)),
  faccessat: (call, machine) => path.access(machine, call.string(1), call.int(2)),
  faccessat2: (call, machine) => path.access(machine, call.string(1), call.int(2)),
  readlink: (call, machine) => path.readLink(machine, call, 0),
  readlinkat: (call, machine) => path.readLink(machine, call, 1),
  getcwd: (call) => call.put(0, Buffer.from("/\0")),
  read: withFile(read),
  pread64: withFile(({ contents }, call) => put(call, contents, call.argument(3))),
  lseek: withFile(seek),
  fstat: withFile((file, call, machine) => stat(call, 1, machine, file)),
  newfstatat: (call, machine) => {
    if (!(call.int(3) & AT_EMPTY_PATH)) return -ENOENT;
    const file = machine.files.get(call.int(0));
    return file ? stat(call, 2, machine, file) : -EBADF;
  },
  statx: path.statx,
  write: withFile((_, call, machine) => write(call, machine)),
  sendfile: withFile(path.sendFile),
  ftruncate: withFile(() => 0),
  fchmod: withFile(() => 0),
  fchown: withFile(() => 0),
  fsync: withFile(() => 0),
  close: (call, machine) => (machine.files.close(call.int(0)) ? 0 : -EBADF),
  close_range: 0,
  fcntl: withFile(control),
  ioctl: withFile(path.control),
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
  clone: secondThread,
  clone3: secondThread,
  exit: ended,
  exit_group: ended,
  set_tid_address: ID,
  set_robust_list: 0,
  rseq: -ENOSYS,
  // There is nobody to wait for: futex(2).
  futex: (call) => ((call.int(1) & FUTEX_CMD_MASK) === FUTEX_WAKE ? 0 : -EAGAIN),
  rt_sigaction: (call) => (call.put(2, Buffer.alloc(32)), 0),
  rt_sigprocmask: (call) => (call.put(2, Buffer.alloc(8)), 0),
  sigaltstack: 0,
  prctl: -EINVAL,
  prlimit64: (call) => (call.put(3, limit(call.int(1))), 0),

  // The system and the time: one CPU, a gibibyte, no name, every random byte the same.
  uname: (call) => (call.put(0, Buffer.alloc(6 * 65)), 0),
  sysinfo: (call) => (call.put(0, sysinfo()), 0),
  sched_getaffinity: (call) => call.put(2, words(1)),
  getrandom: (call) => call.put(0, Buffer.alloc(call.argument(1), 0x11)),
  clock_gettime: (call, machine) => (call.put(1, timespec(machine.now())), 0),
  time: 1000,
  gettimeofday: (call, machine) => (call.put(0, timespec(machine.now())), 0),
  clock_nanosleep: (call, machine) => (machine.now(nanoseconds(call.bytes(2, 16))), 0),
  nanosleep: (call, machine) => (machine.now(nanoseconds(call.bytes(0, 16))), 0),
};

/** arch_prctl(2): it is a register here. */
function setThreadPointer(call: Call): number {
  if (call.int(0) !== ARCH_SET_FS) return -EINVAL;
  call.registers.set("fs_base", call.argument(1));
  return 0;
}

/** What is frozen is one thread; others would be missing in the image. */
function secondThread(): never {
  throw new Error("the program starts a second thread, and only one can be frozen");
}

function ended(call: Call, { output }: Machine): never {
  const said = [...output.values()].join("").trimEnd();
  throw new Error(
    `the program ends with exit status ${call.int(0)}, and does not come to where its runs begin: ${said}`,
  );
}

/** A rule for a call whose first argument is a descriptor. */
function withFile(rule: (file: OpenFile, call: Call, machine: Machine) => Answer): Rule {
  return (call, machine) => {
    const file = machine.files.get(call.int(0));
    return file ? rule(file, call, machine) : -EBADF;
  };
}

function put(call: Call, contents: Buffer, offset: number): number {
  return call.put(1, contents.subarray(offset, offset + call.argument(2)));
}

function read(file: OpenFile, call: Call): number {
  const size = put(call, file.contents, file.position);
  file.position += size;
  return size;
}

function seek(file: OpenFile, call: Call): number {
  const [offset, from] = [call.int(1), call.int(2)];
  if (from !== SEEK_SET && from !== SEEK_CUR) return -EINVAL;
  file.position = offset + (from === SEEK_CUR ? file.position : 0);
  return file.position;
}

/** struct stat is not the same everywhere; what the loader reads of it is: st_dev, st_ino, st_size. */
function stat(call: Call, index: number, { files }: Machine, { path, contents }: OpenFile): number {
  const bytes = Buffer.alloc(call.tracee.arch.stat.size);
  const { mode } = call.tracee.arch.stat;
  bytes.writeBigUInt64LE(1n, 0);
  bytes.writeBigUInt64LE(BigInt(files.inode(path)), 8);
  bytes.writeUInt32LE(S_IFREG, mode);
  bytes.writeBigUInt64LE(BigInt(contents.length), 48);
  call.put(index, bytes);
  return 0;
}

function write(call: Call, { output }: Machine): number {
  const descriptor = call.int(0);
  const size = call.argument(2);
  output.set(descriptor, (output.get(descriptor) ?? "") + call.bytes(1, size).toString("latin1"));
  return size;
}

function control(_: OpenFile, call: Call, { files }: Machine): number {
  const command = call.int(1);
  if (command === F_GETFD || command === F_GETFL || command === F_SETFL) return 0;
  if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC) return -EINVAL;
  return files.duplicate(call.int(0), files.free(call.int(2)));
}

function limit(resource: number): Buffer {
  if (resource === RLIMIT_STACK) return words(STACK_SIZE, STACK_SIZE);
  if (resource === RLIMIT_NOFILE) return words(1024, 4096);
  // RLIM_INFINITY
  return words(-1, -1);
}

/** struct sysinfo: uptime, loads[3], totalram, freeram, …; procs at 80, mem_unit at 104. */
function sysinfo(): Buffer {
  const bytes = Buffer.alloc(112);
  words(1, 0, 0, 0, 1024 * MiB, 512 * MiB).copy(bytes);
  bytes.writeUInt16LE(1, 80);
  bytes.writeUInt32LE(1, 104);
  return bytes;
}

/** struct timespec of a time in nanoseconds; struct timeval has the same form, and nobody looks closer. */
function timespec(time: number): Buffer {
  return words(1000 + Math.floor(time / 1e9), time % 1e9);
}

function nanoseconds(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(0)) * 1e9 + Number(bytes.readBigUInt64LE(8));
}

function words(...values: number[]): Buffer {
  return Buffer.from(BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value))).buffer);
}
