/** The files of the fixed machine, and its descriptors: open(2), read(2), lseek(2). */

import { readFileSync } from "node:fs";

/** What is behind a descriptor. */
export interface OpenFile {
  readonly path: string;
  readonly contents: Buffer;
  position: number;
}

/** Shared libraries are the only files of the build host that the program gets to see. */
const LIBRARY = /^\/.*\.so(\.[0-9]+)*$/;

const standard = ["stdin", "stdout", "stderr"];

export class Files {
  readonly #descriptors = new Map<number, OpenFile>();
  readonly #libraries = new Map<string, Buffer | undefined>();
  /** Each file has an inode of its own, by the order of their first use. */
  readonly #inodes: string[] = [];

  /** @param stack where the stack is: what libc looks for in /proc/self/maps. */
  constructor(private readonly stack: () => { start: number; end: number }) {
    this.reset();
  }

  /** Close all descriptors but 0, 1 and 2. */
  reset(): void {
    this.#descriptors.clear();
    for (const path of standard) this.open(path);
  }

  /** The contents of a file; undefined if there is none. */
  find(path: string): Buffer | undefined {
    if (path === "/proc/self/maps") return this.#maps();
    if (!LIBRARY.test(path)) return undefined;
    if (!this.#libraries.has(path)) this.#libraries.set(path, library(path));
    return this.#libraries.get(path);
  }

  /** proc_pid_maps(5), as far as libc reads it: pthread_getattr_np(3). */
  #maps(): Buffer {
    const { start, end } = this.stack();
    return Buffer.from(`${start.toString(16)}-${end.toString(16)} rw-p 00000000 00:00 0 [stack]\n`);
  }

  /** @returns the lowest free descriptor, which is the file's from now on. */
  open(path: string, contents: Buffer = Buffer.alloc(0)): number {
    const descriptor = this.free(0);
    this.#descriptors.set(descriptor, { path, contents, position: 0 });
    return descriptor;
  }

  get(descriptor: number): OpenFile | undefined {
    return this.#descriptors.get(descriptor);
  }

  close(descriptor: number): boolean {
    return this.#descriptors.delete(descriptor);
  }

  /** Make `to` the same as `from`, which is open. @returns `to`. */
  duplicate(from: number, to: number): number {
    this.#descriptors.set(to, this.#descriptors.get(from)!);
    return to;
  }

  /** The lowest free descriptor from `minimum` up. */
  free(minimum: number): number {
    let descriptor = minimum;
    while (this.#descriptors.has(descriptor)) descriptor++;
    return descriptor;
  }

  inode(path: string): number {
    if (!this.#inodes.includes(path)) this.#inodes.push(path);
    return this.#inodes.indexOf(path) + 1;
  }

  /** What is open besides stdin, stdout and stderr. */
  get left(): string[] {
    return [...this.#descriptors.values()].map(({ path }) => path).filter((path) => !standard.includes(path));
  }
}

function library(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
