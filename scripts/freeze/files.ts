/** The files of the fixed machine, and its descriptors: open(2), read(2), lseek(2), inode(7). */

import { readFileSync } from "node:fs";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "./linux.ts";

/** A file: what it is and may be used for (st_mode), whose it is, and what it holds; where a symbolic link leads. */
export interface File {
  readonly mode: number;
  readonly owner: number;
  readonly contents: Buffer;
}

/** A file that a rehearsal begins with: unless it says so, it is root's and holds a line. */
export type GivenFile = Pick<File, "mode"> & Partial<File>;

/** What is behind a descriptor. */
export interface OpenFile extends File {
  readonly path: string;
  position: number;
}

/** Shared libraries are the only files of the build host that the program gets to see. */
const LIBRARY = /^\/.*\.so(\.[0-9]+)*$/;

const standard = ["stdin", "stdout", "stderr"];
const nothing = Buffer.alloc(0);
const line = Buffer.from("one line\n");
const directory: File = { mode: S_IFDIR | 0o755, owner: 0, contents: nothing };

export class Files {
  readonly #descriptors = new Map<number, OpenFile>();
  readonly #libraries = new Map<string, File | undefined>();
  /** What a rehearsal has begun with, and has made. */
  readonly #files = new Map<string, File>();
  /** Each file has an inode of its own, by the order of their first use. */
  readonly #inodes = new Map<string, number>();
  #lastInode = 0;

  /** @param stack where the stack is: what libc looks for in /proc/self/maps. */
  constructor(private readonly stack: () => { start: number; end: number }) {
    this.reset();
  }

  /** Begin anew, with these descriptors open and these files there. */
  reset(open: readonly number[] = [0, 1, 2], files: Readonly<Record<string, GivenFile>> = {}): void {
    this.#descriptors.clear();
    this.#files.clear();
    for (const descriptor of open) this.#open(descriptor, standard[descriptor] ?? `descriptor ${descriptor}`);
    for (const [path, file] of Object.entries(files)) {
      this.#files.set(path, { owner: 0, contents: line, ...file });
    }
  }

  /** Where a path leads: symbolic links are followed. */
  resolve(path: string): string {
    const file = this.findLink(path);
    const isLink = file !== undefined && (file.mode & S_IFMT) === S_IFLNK;
    return isLink ? this.resolve(file.contents.toString("latin1")) : path;
  }

  /** The file at a path, which may be a symbolic link. */
  findLink(path: string): File | undefined {
    if (path === "/proc/self/maps") return regular(this.#maps());
    const file = this.#files.get(path);
    if (file) return file;
    if (this.#isDirectory(path)) return directory;
    if (!LIBRARY.test(path)) return undefined;
    if (!this.#libraries.has(path)) this.#libraries.set(path, library(path));
    return this.#libraries.get(path);
  }

  /** The root, the current directory, and what has a file in it. */
  #isDirectory(path: string): boolean {
    return path === "" || path === "/" || [...this.#files.keys()].some((file) => file.startsWith(`${path}/`));
  }

  /** What a file would be in. */
  findDirectory(path: string): File | undefined {
    return this.findLink(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
  }

  /** proc_pid_maps(5), as far as libc reads it: pthread_getattr_np(3). */
  #maps(): Buffer {
    const { start, end } = this.stack();
    return Buffer.from(`${start.toString(16)}-${end.toString(16)} rw-p 00000000 00:00 0 [stack]\n`);
  }

  /** Make an empty file, of which there is none. */
  create(path: string): File {
    const file = regular(nothing);
    this.#files.set(path, file);
    return file;
  }

  /** @returns whether there was one. */
  rename(from: string, to: string): boolean {
    const file = this.#files.get(from);
    if (!file) return false;
    this.#files.set(to, file);
    this.#inodes.set(to, this.inode(from));
    this.#inodes.delete(from);
    return this.remove(from);
  }

  /** @returns whether there was one. */
  remove(path: string): boolean {
    return this.#files.delete(path);
  }

  /** @returns the lowest free descriptor, which is the file's from now on. */
  open(path: string, file = regular(nothing)): number {
    return this.#open(this.free(0), path, file);
  }

  #open(descriptor: number, path: string, file = regular(nothing)): number {
    this.#descriptors.set(descriptor, { ...file, path, position: 0 });
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

  /** What is open besides stdin, stdout and stderr: the descriptors, and what is behind each. */
  get left(): (readonly [descriptor: number, path: string])[] {
    const open = [...this.#descriptors].map(([descriptor, { path }]) => [descriptor, path] as const);
    return open.filter(([descriptor]) => descriptor >= standard.length);
  }
}

function regular(contents: Buffer): File {
  return { mode: S_IFREG | 0o755, owner: 0, contents };
}

function library(path: string): File | undefined {
  try {
    return regular(readFileSync(path));
  } catch {
    return undefined;
  }
}
