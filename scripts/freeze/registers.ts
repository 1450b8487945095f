/** The registers of a stopped process: by their names, and as ptrace(2) reads and writes them. */

import { PTRACE_GETREGSET, PTRACE_SETREGSET } from "./linux.ts";
import { Block, check, libc } from "./ptrace.ts";

/** Where each register is, by names in the order of NT_PRSTATUS. */
export function inOrder(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, index) => [name, index]));
}

/** Where the general registers are, by their names. */
interface Layout {
  readonly registers: ReadonlyMap<string, number>;
}

/** The general registers of a stopped process, by the names that its architecture gives them: 64 bits each. */
export class Registers {
  readonly #halves: Uint32Array;

  constructor(
    readonly arch: Layout,
    readonly words: BigUint64Array = new BigUint64Array(arch.registers.size),
  ) {
    this.#halves = new Uint32Array(words.buffer, words.byteOffset, 2 * words.length);
  }

  get(name: string): bigint {
    return this.words[this.#index(name)]!;
  }

  /** An address, a size, flags: exact up to 2 ** 53. */
  number(name: string): number {
    const index = 2 * this.#index(name);
    return this.#halves[index]! + this.#halves[index + 1]! * 2 ** 32;
  }

  /** What a system call returned. */
  signed(name: string): number {
    const index = 2 * this.#index(name);
    return this.#halves[index]! + (this.#halves[index + 1]! | 0) * 2 ** 32;
  }

  /** @param value negative ones as two's complement. */
  set(name: string, value: bigint | number): void {
    const index = this.#index(name);
    if (typeof value === "bigint") {
      this.words[index] = BigInt.asUintN(64, value);
      return;
    }
    this.#halves[2 * index] = value % 2 ** 32;
    this.#halves[2 * index + 1] = Math.floor(value / 2 ** 32);
  }

  copy(): Registers {
    return new Registers(this.arch, this.words.slice());
  }

  #index(name: string): number {
    const index = this.arch.registers.get(name);
    if (index === undefined) throw new Error(`no register ${name}`);
    return index;
  }
}

/** A process of which any set of registers can be read, by its number in linux/elf.h. Sizes in bytes. */
export interface RegisterSets {
  readSet(set: number, size: number): Buffer;
}

/** A set of registers of a stopped process, by its number in linux/elf.h. */
export class RegisterSet {
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
    this.#do(PTRACE_GETREGSET, "PTRACE_GETREGSET");
    return this.#contents.words.slice();
  }

  write(words: BigUint64Array): void {
    this.#contents.words.set(words);
    this.#do(PTRACE_SETREGSET, "PTRACE_SETREGSET");
  }
}
