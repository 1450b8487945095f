/**
 * Which pages a run needs: all of the frozen memory is made inaccessible, the rehearsals run once more, and each
 * page is made accessible when it is missed. Every rehearsal begins with the memory as it was frozen.
 */

import { PROT_NONE } from "./linux.ts";
import type { Watcher } from "./call.ts";
import type { Machine } from "./machine.ts";
import { alignDown, END_OF_IMAGE } from "./address-space.ts";
import { PF_W } from "./elf.ts";
import type { Pages, Run } from "./pages.ts";
import { protection } from "./pieces.ts";

/** The pages that something touched, by their addresses. */
export interface Footprint {
  readonly pages: ReadonlySet<number>;
  /** Of these, what was changed. */
  readonly written: ReadonlySet<number>;
}

/** The pages that a rehearsal touched. */
export interface Touched extends Footprint {
  /** What it touched before the last execve(): more than that no run touches that goes well. */
  readonly beforeExec: Footprint;
  /** What the kernel was to read or write before this rehearsal did: it may find them missing. */
  readonly byKernel: Set<number>;
}

interface Frozen extends Run {
  readonly contents: Buffer;
}

/** How far behind the address that a system call is given to look, in bytes: the structures are smaller. */
const STRUCTURE = 256;

export class Trace implements Watcher {
  readonly #machine: Machine;
  readonly #pages: Pages;
  /** What is accessible all the time, since it is known to be needed. */
  readonly #open = new Set<number>();
  /** What of that some rehearsal has written. */
  readonly #written = new Set<number>();
  #putBack: (() => void) | undefined = () => {};
  /** What has been missed in this rehearsal, and is accessible now. */
  #touched = new Set<number>();
  #byKernel = new Set<number>();
  #beforeExec: Footprint | undefined;

  /** @param pages the frozen memory, which the program has at the moment. */
  constructor(machine: Machine, pages: Pages) {
    this.#machine = machine;
    this.#pages = pages;
    const { tracee } = machine;
    for (const { start, end, readable } of tracee.memory.maps()) {
      if (start < END_OF_IMAGE && readable) tracee.call("mprotect", start, end - start, PROT_NONE);
    }
  }

  /** Run `rehearsal`, and put memory back. @returns the pages that it touched, of those that are not open. */
  async of(rehearsal: () => Promise<void>): Promise<Touched> {
    this.#touched = new Set();
    this.#byKernel = new Set();
    this.#beforeExec = undefined;
    this.#machine.watcher = this;
    const mark = this.#machine.memory.mark();
    await rehearsal();
    delete this.#machine.watcher;
    for (const { start, end } of this.#machine.memory.release(mark)) {
      this.#machine.tracee.call("munmap", start, end - start);
    }
    const whole = this.#footprint();
    this.#putBack ??= this.#machine.tracee.memory.writer(frozen(this.#pages, this.#written));
    this.#putBack();
    for (const { start, contents } of frozen(this.#pages, this.#touched)) {
      this.#machine.tracee.memory.write(start, contents);
    }
    for (const run of runs(this.#pages, this.#touched)) this.#protect(run, PROT_NONE);
    return { ...whole, byKernel: this.#byKernel, beforeExec: this.#beforeExec ?? whole };
  }

  exec(): void {
    this.#beforeExec = this.#footprint();
  }

  /** Let pages be accessible from now on, to be written when that is asked for. */
  open(pages: Iterable<number>): void {
    const closed = [...pages].filter((page) => !this.#open.has(page));
    for (const page of closed) this.#open.add(page);
    for (const run of runs(this.#pages, closed)) {
      this.#protect(run, protection(this.#pages.flags(run.start) & ~PF_W));
    }
  }

  serve(address: number): boolean {
    const page = alignDown(address, this.#pages.pageSize);
    if (!this.#pages.has(page)) return false;
    const isOpen = this.#open.has(page);
    const set = isOpen ? this.#written : this.#touched;
    if (set.has(page) || (isOpen && !this.#pages.isWritable(page))) return false;
    this.#protect({ start: page, end: page + this.#pages.pageSize }, protection(this.#pages.flags(page)));
    set.add(page);
    if (isOpen) this.#putBack = undefined;
    return true;
  }

  change(address: number, size: number): void {
    this.kernel(address, size);
    const { pageSize } = this.#pages;
    for (let page = alignDown(address, pageSize); page < address + size; page += pageSize) this.serve(page);
  }

  kernel(address: number, size = STRUCTURE): void {
    for (
      let page = alignDown(address, this.#pages.pageSize);
      page < address + size;
      page += this.#pages.pageSize
    ) {
      if (this.#pages.has(page) && !this.#touched.has(page)) this.#byKernel.add(page);
    }
  }

  /** What has been touched so far. */
  #footprint(): Footprint {
    const { pageSize } = this.#pages;
    const written = new Set<number>();
    for (const { start, end, contents } of frozen(this.#pages, this.#touched)) {
      const now = this.#machine.tracee.memory.read(start, end - start);
      for (const page of this.#pages.of({ start, end })) {
        const at = page - start;
        if (now.compare(contents, at, at + pageSize, at, at + pageSize) !== 0) written.add(page);
      }
    }
    return { pages: new Set(this.#touched), written };
  }

  #protect({ start, end }: Run, protection: number): void {
    this.#machine.tracee.call("mprotect", start, end - start, protection);
  }
}

/** Addresses of pages as ranges with one protection. */
function runs(pages: Pages, addresses: Iterable<number>): Run[] {
  return pages.runs(addresses, (page, next) => pages.continues(page, next));
}

/** What can be written among pages, as it was frozen. */
function frozen(pages: Pages, addresses: Iterable<number>): Frozen[] {
  const writable = runs(pages, addresses).filter(({ start }) => pages.isWritable(start));
  return writable.map((run) => ({ ...run, contents: pages.contents(run) }));
}
