/** Where things lie in the memory of the fixed machine. Addresses and sizes in bytes. Pure. */

const MiB = 2 ** 20;

/** Every address of the machine is below this: what the kernel puts into a process is far above. */
export const END_OF_IMAGE = 2 ** 32;
/** Up to this size, mappings lie close together: what a run touches is mostly in such. */
const SMALL = MiB;
/** Room for the small ones, in front of the large ones. */
const SMALL_ROOM = 32 * MiB;
/** What is larger is aligned to this, or to its own size rounded down to a power of two. */
const LARGE_ALIGNMENT = 2 * MiB;
/** The largest alignment that anybody asked for by mapping twice as much. */
const MAX_ALIGNMENT = 64 * MiB;

export const alignUp = (value: number, alignment: number) => Math.ceil(value / alignment) * alignment;
export const alignDown = (value: number, alignment: number) => Math.floor(value / alignment) * alignment;

interface Mark {
  readonly small: number;
  readonly large: number;
}

/** Gives away addresses, counted up from a fixed one. They depend on what is asked for, and on nothing else. */
export class AddressSpace {
  #small: number;
  readonly #smallEnd: number;
  #large: number;

  /** @param start behind the program, which lies where it was linked to. */
  constructor(
    start: number,
    readonly pageSize: number,
  ) {
    this.#small = alignUp(start, LARGE_ALIGNMENT);
    this.#smallEnd = this.#small + SMALL_ROOM;
    this.#large = this.#smallEnd;
  }

  /** Behind all that has been given away. */
  get end(): number {
    return this.#large;
  }

  /** What has been given away so far. */
  mark(): Mark {
    return { small: this.#small, large: this.#large };
  }

  /** Take back what was given away since a mark. @returns where that was. */
  release({ small, large }: Mark): { start: number; end: number }[] {
    const given = [
      { start: small, end: this.#small },
      { start: large, end: this.#large },
    ];
    [this.#small, this.#large] = [small, large];
    return given.filter(({ start, end }) => end > start);
  }

  /** @returns the address of `size` bytes that nobody has. */
  take(size: number): number {
    if (size < SMALL) {
      const address = this.#small;
      this.#small += alignUp(size, this.pageSize);
      if (this.#small > this.#smallEnd) throw new Error("no room left for small mappings");
      return address;
    }
    const power = 2 ** Math.floor(Math.log2(size));
    const alignment = Math.min(Math.max(power, LARGE_ALIGNMENT), MAX_ALIGNMENT);
    const address = alignUp(this.#large, size < LARGE_ALIGNMENT ? this.pageSize : alignment);
    this.#large = address + alignUp(size, this.pageSize);
    return address;
  }
}
