import { cString, writeAll } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  ENOENT,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  S_IFMT,
  S_IFREG,
  STATX_TYPE,
} from "./linux.ts";

/** Size of a struct statx and the offset of stx_mode in it, in bytes: linux/stat.h. */
const STATX = { size: 256, mode: 28 };

/** A temporary file beside `path`, to replace it in one step: a reader sees the old contents or the whole line. */
export class ReportFile {
  readonly #path: string;
  readonly #temporary: Uint8Array;

  /** @throws Fatal (exit 111) if it cannot be written; then it is not there. */
  constructor(path: string, line: string) {
    this.#path = path;
    const directory = path.slice(0, path.lastIndexOf("/") + 1);
    this.#temporary = cString(`${directory}.report-${libc.getpid()}-${randomName()}`);
    this.#checkType();
    const file = libc.open(this.#temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666);
    if (file === -1) throw this.#failure(errno());
    const error = writeAll(file, line) || (libc.fsync(file) === 0 ? 0 : errno());
    libc.close(file);
    if (error !== 0) {
      this.discard();
      throw this.#failure(error);
    }
  }

  replace(): void {
    if (libc.rename(this.#temporary, cString(this.#path)) === 0) return;
    const error = errno();
    this.discard();
    throw this.#failure(error);
  }

  discard(): void {
    libc.unlink(this.#temporary);
  }

  #checkType(): void {
    const status = new Uint8Array(STATX.size);
    if (libc.statx(AT_FDCWD, cString(this.#path), AT_SYMLINK_NOFOLLOW, STATX_TYPE, status) !== 0) {
      const error = errno();
      if (error !== ENOENT) throw this.#failure(error);
      return;
    }
    const mode = status[STATX.mode]! | (status[STATX.mode + 1]! << 8);
    if ((mode & S_IFMT) !== S_IFREG) throw new Fatal(`unable to write ${this.#path}: not a regular file`);
  }

  #failure(error: number): Fatal {
    return new Fatal(`unable to write ${this.#path}`, error);
  }
}

function randomName(): string {
  const words = new Uint32Array(2);
  libc.getrandom(words, words.byteLength, 0);
  return `${words[0]!.toString(36)}${words[1]!.toString(36)}`;
}
