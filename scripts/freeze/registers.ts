import type { Architecture } from "./arch.ts";

/** The general registers of a stopped process, by the names that its architecture gives them: 64 bits each. */
export class Registers {
  readonly words: BigUint64Array;

  constructor(
    readonly arch: Architecture,
    words = new BigUint64Array(arch.registers.length),
  ) {
    this.words = words;
  }

  get(name: string): bigint {
    return this.words[this.#index(name)]!;
  }

  set(name: string, value: bigint | number): void {
    this.words[this.#index(name)] = BigInt.asUintN(64, BigInt(value));
  }

  copy(): Registers {
    return new Registers(this.arch, this.words.slice());
  }

  #index(name: string): number {
    const index = this.arch.registers.indexOf(name);
    if (index === -1) throw new Error(`no register ${name}`);
    return index;
  }
}
