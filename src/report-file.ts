import type { Pointer } from "bun:ffi";
import { cString, writeAll, type Bytes } from "./bytes.ts";
import { spare, type Descriptors } from "./descriptors.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  EACCES,
  EBUSY,
  ENOENT,
  EPERM,
  EROFS,
  EXDEV,
  O_CLOEXEC,
  O_CREAT,
  O_NOCTTY,
  O_RDONLY,
  O_WRONLY,
  PATH_MAX,
  SIG_IGN,
  SIGXFSZ,
} from "./linux.ts";
import { Replacement } from "./replacement.ts";
import { Status } from "./statx.ts";
import type { ReportPath } from "./values.ts";

const NONE = -1;

/** The most that sendfile() takes at once. */
const CHUNK = 0x7fff_f000;

/** A file that was written, and can be made what it was where it was replaced, or was not there. */
export class ReportFile {
  readonly #path: string;
  /** What is known of the file as it was written; undefined: it cannot be made what it was. */
  #written: Status | undefined;
  /** Where it is, if it was not there. */
  #file: Uint8Array;
  /** What is known of the file that was there, and a descriptor of it. */
  readonly #before = new Status();
  #old = NONE;

  /**
   * Write `line` into a file: as a whole and in one step where it is regular or new, in place where it is
   * neither, or cannot be replaced. Nothing that the path leads to is ever worse off after a failure.
   * @throws Fatal (exit 111)
   */
  constructor({ path, descriptor }: ReportPath, line: Bytes, descriptors: Descriptors) {
    this.#path = path;
    this.#file = cString(path);
    const error = descriptor === undefined ? this.#write(line, descriptors) : writeAll(descriptor, line);
    if (error !== 0) throw new Fatal(`unable to write ${path}`, { errno: error });
  }

  #write(line: Bytes, descriptors: Descriptors): number {
    const missing = this.#before.ofPath(this.#file);
    if (missing !== 0 && missing !== ENOENT) return missing;
    const isNew = missing !== 0;
    if (!isNew && !this.#before.isRegular) return this.#writeInPlace(line);
    // To be read where it is to be restored; closed by the exec.
    if (!isNew) this.#old = spare(libc.open(this.#file, O_RDONLY | O_CLOEXEC, 0), descriptors);
    const error = this.#replace(line, isNew ? undefined : this.#before);
    return !isNew && cannotReplace(error) ? this.#writeInPlace(line) : error;
  }

  #replace(line: Bytes, like: Status | undefined): number {
    const replacement = new Replacement(this.#path);
    const error = replacement.create(like) || writeAll(replacement.descriptor, line) || replacement.finish();
    if (error !== 0) replacement.discard();
    else if (like === undefined || this.#old !== NONE) this.#written = replacement.status;
    return error;
  }

  /** As the shell's `>` does, but that the file keeps its contents until the line is written. */
  #writeInPlace(line: Bytes): number {
    const flags = O_WRONLY | O_NOCTTY | O_CLOEXEC;
    let file = libc.open(this.#file, flags, 0);
    let error = file === NONE ? errno() : 0;
    // A symbolic link to nowhere.
    const isNew = error === ENOENT;
    if (isNew) {
      file = libc.open(this.#file, flags | O_CREAT, 0o666);
      error = file === NONE ? errno() : this.#resolve();
    }
    if (error !== 0) return error;
    const status = new Status();
    error = status.ofDescriptor(file) || writeAll(file, line);
    if (error === 0 && status.isRegular) error = libc.ftruncate(file, line.size) === 0 ? 0 : errno();
    libc.close(file);
    if (isNew) this.#written = status;
    if (error !== 0) this.takeBack();
    return error;
  }

  /** Remember the file itself instead of a symbolic link to it. */
  #resolve(): number {
    const file = new Uint8Array(PATH_MAX);
    if (libc.realpath(this.#file, file) === null) return errno();
    this.#file = file;
    return 0;
  }

  /** Make the file what it was, unless another has taken its place; after a failure, when we are to exit. */
  takeBack(): void {
    const now = new Status();
    if (this.#written === undefined || now.ofPath(this.#file) !== 0 || !now.is(this.#written)) return;
    if (this.#old === NONE) {
      libc.unlink(this.#file);
      return;
    }
    libc.signal(SIGXFSZ, SIG_IGN as Pointer);
    const replacement = new Replacement(this.#path);
    const error =
      replacement.create(this.#before) || copy(this.#old, replacement.descriptor) || replacement.finish();
    if (error !== 0) replacement.discard();
  }
}

/** Whether no file may be made in a directory, or take the place of another, which may still be writable. */
function cannotReplace(error: number): boolean {
  return error === EACCES || error === EPERM || error === EROFS || error === EBUSY || error === EXDEV;
}

/** @returns 0, or the errno. */
function copy(from: number, to: number): number {
  for (;;) {
    const count = libc.sendfile(to, from, null, CHUNK);
    if (count <= 0) return count === 0 ? 0 : errno();
  }
}
