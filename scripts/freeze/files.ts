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
  /** Files that are there for a rehearsal, or that it makes. */
  readonly #made = new Map<string, Buffer>();
  /** Each file has an inode of its own, by the order of their first use. */
  readonly #inodes = new Map<string, number>();
  #lastInode = 0;

  /** @param stack where the stack is: what libc looks for in /proc/self/maps. */
  constructor(private readonly stack: () => { start: number; end: number }) {
    this.reset();
  }

  /** Close all descriptors but 0, 1 and 2, and let there be `paths` besides the libraries. */
  reset(paths: readonly string[] = []): void {
    this.#descriptors.clear();
    for (const path of standard) this.open(path);
    this.#made.clear();
    for (const path of paths)
      this.#made.set(path, Buffer.from(path.endsWith(".sh") ? "#! /usr/interpreter\n" : "contents\n"));
  }

  create(path: string): Buffer {
    const contents = Buffer.alloc(0);
    this.#made.set(path, contents);
    return contents;
  }

  /** @returns whether it was there: rename(2). */
  rename(from: string, to: string): boolean {
    const contents = this.#made.get(from);
    if (!contents) return false;
    this.#made.set(to, contents);
    this.#inodes.set(to, this.inode(from));
    this.#inodes.delete(from);
    return this.#made.delete(from);
  }

  /** @returns whether it was there: unlink(2). */
  remove(path: string): boolean {
    return this.#made.delete(path);
  }

  /** The contents of a file; undefined if there is none. */
  find(path: string): Buffer | undefined {
    if (path === "/proc/self/maps") return this.#maps();
    if (!LIBRARY.test(path)) return this.#made.get(path);
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
    const inode = this.#inodes.get(path) ?? ++this.#lastInode;
    this.#inodes.set(path, inode);
    return inode;
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
