/**
 * The fixed machine: what the program is told while it starts, in the place of what the kernel of the build
 * host would say. Nothing of that host is in the answers, so that the same program starts in the same way
 * everywhere. The kernel itself is asked for memory alone, at addresses that are chosen here.
 */

import { syscallName, type SyscallName } from "./arch.ts";
import { AddressSpace, alignUp } from "./address-space.ts";
import type { Area } from "./areas.ts";
import { Call, type Answer, type KernelCall, type Watcher } from "./call.ts";
import { Files } from "./files.ts";
import { SIGSEGV, SIGTRAP } from "./linux.ts";
import type { Registers } from "./registers.ts";
import { rules } from "./rules.ts";
import { Sockets } from "./sockets.ts";
import type { Tracee } from "./tracee.ts";

/** A system call that fails, by any of its names; with 0 it does not, and only counts. */
export type Failure = readonly [calls: readonly SyscallName[], errno: number];

export class Machine {
  readonly memory: AddressSpace;
  readonly files = new Files(() => this.stack);
  /** What was asked for, and by what name; the last one counts. */
  readonly areas: Area[] = [];
  /** What was written to each descriptor, one byte a character. */
  readonly output = new Map<number, string>();
  /** What the runtime said of itself: lines that begin with `aside`. No descriptor gets them, and none fails. */
  asides = "";
  /** System calls that are to fail, whatever the rules say: each the next time that it is made. */
  failures: Failure[] = [];
  readonly sockets = new Sockets();
  stack: Area = { start: 0, end: 0, name: "stack" };
  /** Where a trap stands in the code, and for which instruction that tells of the build host. */
  readonly #traps = new Map<number, Buffer>();
  #time = 0;
  watcher?: Watcher;

  /**
   * @param start where memory is free, behind the program.
   * @param aside how lines begin that the runtime writes about itself.
   */
  constructor(
    readonly tracee: Tracee,
    start: number,
    readonly aside?: string,
  ) {
    this.memory = new AddressSpace(start, tracee.arch.pageSize);
  }

  /** Nanoseconds since the start. Time passes when somebody asks for it, or sleeps. */
  now(passed = 1_000_000): number {
    this.#time += passed;
    return this.#time;
  }

  /** Name what lies where the program, or its loader, put something. */
  name(start: number, size: number, name: string): Area {
    const area = { start, end: start + alignUp(size, this.memory.pageSize), name };
    this.areas.push(area);
    return area;
  }

  /** Code that is about to be put at `address`: what tells of the build host is replaced in it. */
  trap(address: number, code: Buffer): void {
    for (const { offset, instruction } of this.tracee.arch.replaceTells(code)) {
      this.#traps.set(address + offset, instruction);
    }
  }

  /** Take the traps out of a copy of the code at `address`. */
  untrap(address: number, code: Buffer): void {
    for (const [trap, instruction] of this.#traps) {
      if (trap >= address && trap < address + code.length) instruction.copy(code, trap - address);
    }
  }

  /**
   * Let the program run until it makes system call `number`, which no kernel has, or one that `ends` it.
   * @returns its registers at the beginning of it: `answer` lets it return.
   * @throws Error at a call without a rule, and at a signal.
   */
  runTo(number: number, ends?: SyscallName): Registers {
    for (;;) {
      const stop = this.tracee.resume();
      if (!stop.call) {
        this.#answerSignal(stop.signal);
        continue;
      }
      const registers = this.tracee.registers();
      const made = this.#number(registers);
      if (made === number || (ends && syscallName(made, this.tracee.arch) === ends)) return registers;
      const answer = this.#answer(registers);
      this.answer(typeof answer === "number" ? answer : this.#perform(answer, registers), registers);
    }
  }

  /** Let the system call that it stopped at return `result`. */
  answer(result: number, registers: Registers): void {
    const { result: name } = this.tracee.arch.roles;
    const after = registers.copy();
    after.set(name, result);
    this.tracee.setRegisters(after);
  }

  #number(registers: Registers): number {
    return registers.number(this.tracee.arch.roles.call);
  }

  #answer(registers: Registers): Answer {
    for (const name of this.tracee.arch.roles.arguments) this.watcher?.kernel(registers.number(name));
    const number = this.#number(registers);
    const name = syscallName(number, this.tracee.arch);
    if (name === "execve") this.watcher?.exec();
    const call = new Call(this.tracee, registers, this.watcher);
    if (name === "write" && this.#hear(call)) return call.argument(2);
    const failure = this.failures.findIndex(([calls]) => name && calls.includes(name));
    const errno = failure === -1 ? 0 : this.failures.splice(failure, 1)[0]![1];
    if (errno !== 0) return -errno;
    const rule = name && rules[name];
    if (rule === undefined) {
      throw new Error(
        `the program makes the system call ${name ?? number}, for which the fixed machine has no rule`,
      );
    }
    return typeof rule === "function" ? rule(call, this) : rule;
  }

  /** @returns whether it is the runtime that writes about itself, and keeps that. A line comes in pieces. */
  #hear(write: Call): boolean {
    if (this.aside === undefined) return false;
    const text = write.bytes(1, write.argument(2)).toString("latin1");
    const goesOn = this.asides !== "" && !this.asides.endsWith("\n");
    if (!goesOn && !text.startsWith(this.aside)) return false;
    this.asides += text;
    return true;
  }

  /** Let the kernel do what is asked for, or what the answer says. @returns what it says. */
  #perform(answer: "kernel" | KernelCall, registers: Registers): number {
    const { tracee } = this;
    const name = syscallName(this.#number(registers), tracee.arch)!;
    if (answer === "kernel") {
      return tracee.attempt(
        name,
        ...tracee.arch.roles.arguments.map((register) => registers.number(register)),
      );
    }
    const result = tracee.call(name, ...answer.arguments);
    answer.then?.();
    return result;
  }

  #answerSignal(signal: number): void {
    if (signal === SIGSEGV && this.watcher?.serve(this.tracee.faultAddress())) return;
    const registers = this.tracee.registers();
    const pc = registers.number(this.tracee.arch.roles.pc);
    const instruction = this.#traps.get(pc - this.tracee.arch.trapSize);
    if (signal !== SIGTRAP || !instruction) {
      const fault = this.tracee.faultAddress().toString(16);
      throw new Error(
        `the program gets signal ${signal} at 0x${pc.toString(16)}, for the address 0x${fault}`,
      );
    }
    this.tracee.arch.answerTell(registers, instruction);
    this.tracee.setRegisters(registers);
  }
}
