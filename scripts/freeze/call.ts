/** A system call of the program: what it asks, and how it is answered. */

import type { Registers } from "./registers.ts";
import type { Tracee } from "./tracee.ts";

/** What the kernel is to do in the place of what was asked, and what comes after it. */
export interface KernelCall {
  readonly arguments: readonly number[];
  readonly then?: () => void;
}

/** A rule's answer: the result, negative for an errno; or what the kernel does, as asked or in another way. */
export type Answer = number | "kernel" | KernelCall;

/** Who wants to know which pages are touched. Addresses and sizes in bytes. */
export interface Watcher {
  /** A page was missed. @returns whether it is one of the frozen memory, and accessible now. */
  serve(address: number): boolean;
  /** The kernel is about to read or write there. */
  kernel(address: number, size?: number): void;
  /** The machine is about to write there. */
  change(address: number, size: number): void;
  /** The program is about to execute another. */
  exec(): void;
}

/** A system call that the program is about to make. */
export class Call {
  constructor(
    readonly tracee: Tracee,
    readonly registers: Registers,
    readonly watcher: Watcher | undefined,
  ) {}

  /** An argument as an unsigned number: an address, a size, flags. */
  argument(index: number): number {
    return this.registers.number(this.tracee.arch.roles.arguments[index]!);
  }

  /** An argument as an int: a descriptor, for example. */
  int(index: number): number {
    return this.argument(index) | 0;
  }

  /** The string that an argument points to, one byte a character. */
  string(index: number): string {
    const text = this.tracee.memory.readString(this.argument(index));
    this.watcher?.kernel(this.argument(index), text.length + 1);
    return text;
  }

  /** `size` bytes that an argument points to. */
  bytes(index: number, size: number): Buffer {
    this.watcher?.kernel(this.argument(index), size);
    return this.tracee.memory.read(this.argument(index), size);
  }

  /** Write to where an argument points, unless it is NULL. @returns how many bytes. */
  put(index: number, bytes: Uint8Array): number {
    const address = this.argument(index);
    this.watcher?.change(address, bytes.length);
    if (address !== 0) this.tracee.memory.write(address, bytes);
    return bytes.length;
  }
}
