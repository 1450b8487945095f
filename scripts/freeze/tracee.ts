/** A process under ptrace(2): its stops, registers and memory, and system calls made in its place. */

import { ptr } from "bun:ffi";
import { readlinkSync, realpathSync } from "node:fs";
import { syscallNumber, type Architecture, type SyscallName } from "./arch.ts";
import { kill, launch } from "./launch.ts";
import * as sys from "./linux.ts";
import { Memory } from "./memory.ts";
import { Block, check, libc, SystemError } from "./ptrace.ts";
import { Registers, RegisterSet } from "./registers.ts";

/** Why the process stopped: at the beginning or the end of a system call, or for a signal. */
export type Stop = { readonly call: true } | { readonly call: false; readonly signal: number };

/** siginfo_t: asm-generic/siginfo.h. */
const SIGINFO_SIZE = 128;

/** The most CPU time that the program may use before it is given up, in seconds. */
const CPU_LIMIT = 120;

export class Tracee implements Disposable {
  readonly #pid: number;
  #memory: Memory | undefined;
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
    const tracee = new Tracee(arch, launch(program));
    try {
      tracee.#untilStarted(realpathSync(program));
      return tracee;
    } catch (error) {
      tracee[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#memory?.[Symbol.dispose]();
    kill(this.#pid);
  }

  get memory(): Memory {
    return this.#memory!;
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
    this.#memory = new Memory(this.#pid);
    // What was to run first never runs.
    this.#trampoline = this.registers().number(this.arch.roles.pc);
    this.memory.write(this.#trampoline, Buffer.concat([this.arch.syscallInstruction, this.arch.trap]));
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
