/** The frozen memory, page by page. Pure. Addresses and sizes in bytes. */

import { PF_W, PF_X } from "./elf.ts";

/** The smallest page of any kernel, in bytes: what is touched is told by these. */
export const PAGE = 4096;

/** A range of memory with one protection. */
export interface Region {
  readonly address: number;
  readonly bytes: Buffer;
  /** PF_R, PF_W, PF_X. */
  readonly flags: number;
}

/** Consecutive pages. */
export interface Run {
  readonly start: number;
  readonly end: number;
}

export class Pages {
  readonly #regions: readonly Region[];

  constructor(
    regions: readonly Region[],
    readonly pageSize: number,
  ) {
    this.#regions = regions.toSorted((a, b) => a.address - b.address);
  }

  /** The same memory in pages of another size. */
  in(pageSize: number): Pages {
    return new Pages(this.#regions, pageSize);
  }

  /** The addresses of all pages, ascending. */
  *[Symbol.iterator](): Iterator<number> {
    for (const { address, bytes } of this.#regions) {
      for (let at = 0; at < bytes.length; at += this.pageSize) yield address + at;
    }
  }

  has(page: number): boolean {
    return this.#find(page) !== undefined;
  }

  flags(page: number): number {
    return this.#find(page)?.flags ?? 0;
  }

  isWritable(page: number): boolean {
    return (this.flags(page) & PF_W) !== 0;
  }

  isCode(page: number): boolean {
    return (this.flags(page) & PF_X) !== 0;
  }

  /** Whether a page is the one behind another, with the same protection. */
  continues(page: number, next: number): boolean {
    return next === page + this.pageSize && this.flags(page) === this.flags(next);
  }

  isZero(page: number): boolean {
    const { address, bytes } = this.#find(page)!;
    return isZero(bytes, page - address, page - address + this.pageSize);
  }

  /** What is in memory from `start` up to `end`; `fill` in the place of pages that are to be left out. */
  contents({ start, end }: Run, isLeftOut?: (page: number) => boolean, fill: Buffer = Buffer.of(0)): Buffer {
    const bytes = Buffer.alloc(end - start, fill);
    for (let page = start; page < end; page += this.pageSize) {
      if (isLeftOut?.(page)) continue;
      const { address, bytes: source } = this.#find(page)!;
      source.copy(bytes, page - start, page - address, page - address + this.pageSize);
    }
    return bytes;
  }

  /** Pages as ranges, ascending: those that `together` allows to be in one, and no more than `most` pages of them. */
  runs(pages: Iterable<number>, together: (page: number, next: number) => boolean, most = Infinity): Run[] {
    const found: { start: number; end: number }[] = [];
    for (const page of [...pages].sort((a, b) => a - b)) {
      const last = found.at(-1);
      const fits = last && page + this.pageSize - last.start <= most * this.pageSize;
      if (fits && together(last.end - this.pageSize, page)) last.end = page + this.pageSize;
      else found.push({ start: page, end: page + this.pageSize });
    }
    return found;
  }

  /** The pages of a range. */
  *of({ start, end }: Run): Iterable<number> {
    for (let page = start; page < end; page += this.pageSize) yield page;
  }

  #find(page: number): Region | undefined {
    let [low, high] = [0, this.#regions.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const { address, bytes } = this.#regions[middle]!;
      if (page >= address + bytes.length) low = middle + 1;
      else high = middle;
    }
    const region = this.#regions[low];
    return region && page >= region.address ? region : undefined;
  }
}

/** As many as the largest page has. */
const zeros = Buffer.alloc(65_536);

/** Whether there is nothing but zeros in `bytes` from `start` up to `end`, a page at the most. */
export function isZero(bytes: Buffer, start: number, end: number): boolean {
  return bytes.compare(zeros, 0, end - start, start, end) === 0;
}
