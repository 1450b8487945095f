/** A process under ptrace(2): its stops, registers, memory, and system calls made in its place. */

import { ptr } from "bun:ffi";
import { closeSync, openSync, readFileSync, readlinkSync, readSync, realpathSync, writeSync } from "node:fs";
import { syscallNumber, type Architecture, type SyscallName } from "./arch.ts";
import * as sys from "./ptrace.ts";
import { Block, check, libc, SystemError } from "./ptrace.ts";
import { Registers } from "./registers.ts";

/** ptrace() is not to be had: by seccomp, by Yama, in an emulator. */
export class TraceRefused extends Error {}

/** A part of the process's memory: proc_pid_maps(5). */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** Why the process stopped: at the beginning or the end of a system call, or for a signal. */
export type Stop = { readonly call: true } | { readonly call: false; readonly signal: number };

/** What the shell does: wait for a line, then become the program. When its parent is gone there is no line. */
const LAUNCH = 'read go && exec "$0" </dev/null >/dev/null 2>&1';

/** siginfo_t: asm-generic/siginfo.h. */
const SIGINFO_SIZE = 128;

/** The most CPU time that the program may use before it is given up, in seconds. */
const CPU_LIMIT = 120;

export class Tracee implements Disposable {
  readonly #pid: number;
  #memory = -1;
  readonly #status = new Block(4);
  readonly #signal = new Block(SIGINFO_SIZE);
  readonly #general: RegisterSet;
  /** The general registers as they are, or will be when it goes on; undefined: nobody has asked. */
  #registers: Registers | undefined;
  #changed = false;
  /** Where a system call instruction lies, and a trap behind it: what `call` makes its calls with. */
  #trampoline = 0;

  private constructor(
    readonly arch: Architecture,
    pid: number,
  ) {
    this.#pid = pid;
    this.#general = new RegisterSet(pid, sys.NT_PRSTATUS, 8 * arch.registers.size);
  }

  /**
   * Start `program` and stop it before its first instruction. It ends with this process, however this ends.
   * @throws TraceRefused, which says what would help.
   */
  static start(program: string, arch: Architecture): Tracee {
    const { pid, go } = launch(program);
    const options = sys.PTRACE_O_TRACESYSGOOD | sys.PTRACE_O_TRACEEXEC | sys.PTRACE_O_EXITKILL;
    try {
      if (libc.ptrace(sys.PTRACE_SEIZE, pid, 0, options) !== 0)
        throw refused(new SystemError("ptrace").message);
      writeSync(go, "\n");
      const tracee = new Tracee(arch, pid);
      tracee.#untilStarted(realpathSync(program));
      return tracee;
    } catch (error) {
      kill(pid);
      throw error;
    } finally {
      closeSync(go);
    }
  }

  [Symbol.dispose](): void {
    if (this.#memory !== -1) closeSync(this.#memory);
    kill(this.#pid);
  }

  /**
   * From the shell's execve() to the end of it: the old program is gone, the new one has not begun. It may be seen
   * how the shell itself is executed, since posix_spawn() returns before that has come to its end.
   */
  #untilStarted(program: string): void {
    for (let started = false; ;) {
      const stop = this.#wait();
      if (started && stop.call) break;
      if (this.#status.ints[0]! >> 16 === sys.PTRACE_EVENT_EXEC) {
        started = readlinkSync(`/proc/${this.#pid}/exe`) === program;
      }
      libc.ptrace(sys.PTRACE_SYSCALL, this.#pid, 0, 0);
    }
    // Not before: what was open would be the memory of the shell.
    this.#memory = openSync(`/proc/${this.#pid}/mem`, "r+");
    // What was to run first never runs.
    this.#trampoline = this.registers().number(this.arch.roles.pc);
    this.write(this.#trampoline, Buffer.concat([this.arch.syscallInstruction, this.arch.trap]));
    // A program that never comes to an end is one that uses CPU time: whatever else it waits for is answered.
    const limit = BigUint64Array.of(BigInt(CPU_LIMIT), BigInt(CPU_LIMIT + 1));
    check(libc.prlimit(this.#pid, sys.RLIMIT_CPU, ptr(limit), null), "prlimit");
  }

  /** Let the process run to its next stop. A system call that it begins is for us to answer. */
  resume(): Stop {
    return this.#resume(sys.PTRACE_SYSEMU);
  }

  #resume(request: number): Stop {
    if (this.#changed) this.#general.write(this.#registers!.words);
    this.#registers = undefined;
    this.#changed = false;
    check(libc.ptrace(request, this.#pid, 0, 0), "ptrace");
    return this.#wait();
  }

  #wait(): Stop {
    let pid: number;
    do pid = libc.waitpid(this.#pid, this.#status.address, sys.__WALL);
    while (pid === -1 && new SystemError("waitpid").errno === sys.EINTR);
    check(pid, "waitpid");
    const status = this.#status.ints[0]!;
    if ((status & 0x7f) === 0) throw new Error(`the program ended with exit status ${(status >> 8) & 0xff}`);
    if ((status & 0xff) !== 0x7f) throw new Error(`the program was killed by signal ${status & 0x7f}`);
    const signal = (status >> 8) & 0xff;
    if (signal === sys.SIGXCPU)
      throw new Error(`the program used ${CPU_LIMIT} s of CPU time and is not done`);
    return signal === (sys.SIGTRAP | 0x80) ? { call: true } : { call: false, signal };
  }

  registers(): Registers {
    this.#registers ??= new Registers(this.arch, this.#general.read());
    return this.#registers.copy();
  }

  setRegisters(registers: Registers): void {
    this.#registers = registers.copy();
    this.#changed = true;
  }

  /** Read a set of registers by its number in linux/elf.h. */
  readSet(set: number, size: number): Buffer {
    return Buffer.from(new RegisterSet(this.#pid, set, size).read().buffer, 0, size);
  }

  /** The address that a fault is about: si_addr of sigaction(2). */
  faultAddress(): number {
    const { address, words } = this.#signal;
    check(libc.ptrace(sys.PTRACE_GETSIGINFO, this.#pid, 0, address), "ptrace: PTRACE_GETSIGINFO");
    return Number(words[2]);
  }

  read(address: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let done = 0; done < size;) {
      const more = readSync(this.#memory, bytes, done, size - done, address + done);
      if (more === 0) throw new Error("the program is gone");
      done += more;
    }
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#memory, bytes, done, bytes.length - done, address + done);
    }
  }

  /** Prepare to write the same again and again: process_vm_writev(2). All of it must be writable by the process. */
  writer(ranges: readonly { readonly start: number; readonly contents: Buffer }[]): () => void {
    const contents = new Block(ranges.reduce((size, range) => size + range.contents.length, 0));
    // struct iovec, of ours and of the process's.
    const [source, destination] = [new Block(16 * ranges.length), new Block(16 * ranges.length)];
    let size = 0;
    ranges.forEach((range, i) => {
      contents.bytes.set(range.contents, size);
      source.words.set([BigInt(contents.address + size), BigInt(range.contents.length)], 2 * i);
      destination.words.set([BigInt(range.start), BigInt(range.contents.length)], 2 * i);
      size += range.contents.length;
    });
    return () => {
      let left = contents.size;
      for (let first = 0; first < ranges.length; first += sys.IOV_MAX) {
        const count = Math.min(ranges.length - first, sys.IOV_MAX);
        const [from, to] = [source.address + 16 * first, destination.address + 16 * first];
        left -= check(libc.process_vm_writev(this.#pid, from, count, to, count, 0), "process_vm_writev");
      }
      if (left !== 0) throw new Error("the program has less memory than it had");
    };
  }

  /** The C string at `address`, a character per byte. */
  readString(address: number): string {
    let text = "";
    for (let at = address; ;) {
      // Not beyond the page: there may be nothing.
      const piece = this.read(at, 4096 - (at % 4096));
      const end = piece.indexOf(0);
      if (end !== -1) return text + piece.toString("latin1", 0, end);
      text += piece.toString("latin1");
      at += piece.length;
    }
  }

  maps(): Mapping[] {
    const lines = readFileSync(`/proc/${this.#pid}/maps`, "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const [, start = "", end = "", r, w, x] = /^(\w+)-(\w+) (.)(.)(.)/.exec(line)!;
      const [readable, writable, executable] = [r === "r", w === "w", x === "x"];
      return { start: parseInt(start, 16), end: parseInt(end, 16), readable, writable, executable };
    });
  }

  /**
   * Make the stopped process do a system call of ours, with the instruction at the trampoline.
   * Its registers are as they were afterwards.
   * @returns what the call returned, negative for an errno.
   */
  attempt(name: SyscallName, ...args: number[]): number {
    const { number, call, arguments: names, result, pc } = this.arch.roles;
    const before = this.registers();
    const registers = before.copy();
    registers.set(call, -1);
    registers.set(number, syscallNumber(name, this.arch));
    args.forEach((value, i) => registers.set(names[i]!, value));
    registers.set(pc, this.#trampoline);
    this.setRegisters(registers);
    const stop = this.#resume(sys.PTRACE_CONT);
    if (stop.call || stop.signal !== sys.SIGTRAP)
      throw new Error(`${name} in the program: it does not return`);
    const after = this.registers();
    for (const name of this.arch.hidden) before.set(name, after.get(name));
    this.setRegisters(before);
    return after.signed(result);
  }

  /** The same, for a call that cannot fail. @throws SystemError. */
  call(name: SyscallName, ...args: number[]): number {
    const value = this.attempt(name, ...args);
    if (value < 0) throw new SystemError(`${name} in the program`, -value);
    return value;
  }
}

/** A set of registers of a stopped process, by its number in linux/elf.h. */
class RegisterSet {
  readonly #contents: Block;
  /** struct iovec: readv(2). */
  readonly #vector = new Block(16);

  constructor(
    readonly pid: number,
    readonly set: number,
    size: number,
  ) {
    this.#contents = new Block(size);
    this.#vector.words[0] = BigInt(this.#contents.address);
  }

  #do(request: number, name: string): void {
    const { size } = this.#contents;
    // The kernel says there how much there is.
    this.#vector.ints[2] = size;
    check(libc.ptrace(request, this.pid, this.set, this.#vector.address), `ptrace: ${name}`);
    if (this.#vector.ints[2] !== size)
      throw new Error(`register set ${this.set} does not have ${size} bytes`);
  }

  read(): BigUint64Array {
    this.#do(sys.PTRACE_GETREGSET, "PTRACE_GETREGSET");
    return this.#contents.words.slice();
  }

  write(words: BigUint64Array): void {
    this.#contents.words.set(words);
    this.#do(sys.PTRACE_SETREGSET, "PTRACE_SETREGSET");
  }
}

/** Start the shell that becomes `program`. @returns its pid, and where it waits for a line to go. */
function launch(program: string): { pid: number; go: number } {
  const pipe = new Int32Array(2);
  check(libc.pipe2(ptr(pipe), sys.O_CLOEXEC), "pipe2");
  const [input = -1, go = -1] = pipe;
  const strings = ["/bin/sh", "-c", LAUNCH, program].map((text) => Buffer.from(`${text}\0`));
  const argv = BigUint64Array.from([...strings.map((text) => BigInt(ptr(text))), 0n]);
  const envp = new BigUint64Array(1);
  // posix_spawn_file_actions_t of glibc and musl has less than this.
  const actions = new Uint8Array(256);
  const pid = new Int32Array(1);
  libc.posix_spawn_file_actions_init(ptr(actions));
  libc.posix_spawn_file_actions_adddup2(ptr(actions), input, 0);
  const error = libc.posix_spawn(ptr(pid), ptr(strings[0]!), ptr(actions), null, ptr(argv), ptr(envp));
  closeSync(input);
  if (error !== 0) throw new SystemError("unable to start /bin/sh", error);
  return { pid: pid[0]!, go };
}

/** End a process, and wait until it is gone. */
function kill(pid: number): void {
  libc.kill(pid, sys.SIGKILL);
  const status = new Block(4);
  while (libc.waitpid(pid, status.address, sys.__WALL) === pid && (status.ints[0]! & 0xff) === 0x7f);
}

function refused(reason: string): TraceRefused {
  return new TraceRefused(
    `unable to trace a process (${reason}): starting the program at build time takes ptrace(2). ` +
      "A container needs a seccomp profile that allows it (Docker's default one does, since kernel 4.8), " +
      "/proc/sys/kernel/yama/ptrace_scope must be 0 or 1, and it is not to be had under qemu-user.",
  );
}
