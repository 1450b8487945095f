import type { Pointer } from "bun:ffi";
import { addressOf } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  EACCES,
  S_IFMT,
  S_IFREG,
  STATX_BASIC_STATS,
} from "./linux.ts";

/** Size of a struct statx and where its fields are, in units of 32 bits: linux/stat.h. */
const SIZE = 64;
const UID = 5;
const GID = 6;
/** The lower half of the unit. */
const MODE = 7;
/** stx_ino, stx_dev_major and stx_dev_minor, by which files are told apart. */
const IDENTITY = [8, 9, 34, 35];

const EMPTY = new Uint8Array(1);

/** What statx(2) says of a file. Unlike a struct stat, its struct is the same on all architectures. */
export class Status {
  readonly #fields = new Uint32Array(SIZE);
  readonly #at = addressOf(this.#fields);

  /** @returns 0, or the errno: of what is at the path, symbolic links not followed. */
  ofPath(path: Uint8Array): number {
    const failed = libc.statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, this.#at) !== 0;
    return failed ? errno() : 0;
  }

  /** @returns 0, or the errno: of where the path leads, which is EACCES, as for execve(2), if that is no file. */
  ofProgram(path: Pointer | Uint8Array): number {
    if (libc.statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, this.#at) !== 0) return errno();
    return (this.#fields[MODE]! & S_IFMT) === S_IFREG ? 0 : EACCES;
  }

  /** @returns 0, or the errno. */
  ofDescriptor(descriptor: number): number {
    return libc.statx(descriptor, EMPTY, AT_EMPTY_PATH, STATX_BASIC_STATS, this.#at) === 0 ? 0 : errno();
  }

  get isRegular(): boolean {
    return (this.#fields[MODE]! & S_IFMT) === S_IFREG;
  }

  /** The permissions. */
  get mode(): number {
    return this.#fields[MODE]! & 0o7777;
  }

  get uid(): number {
    return this.#fields[UID]!;
  }

  get gid(): number {
    return this.#fields[GID]!;
  }

  /** Whether it is the same file. */
  is(other: Status): boolean {
    for (let i = 0; i < IDENTITY.length; i++) {
      if (this.#fields[IDENTITY[i]!] !== other.#fields[IDENTITY[i]!]) return false;
    }
    return true;
  }
}
