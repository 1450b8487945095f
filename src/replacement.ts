import { cString } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import { O_CLOEXEC, O_CREAT, O_EXCL, O_WRONLY } from "./linux.ts";
import { Status } from "./statx.ts";

const NONE = -1;

/** A new file for a path, which takes its place in one step: a reader sees what was there, or the whole new one. */
export class Replacement {
  readonly #path: Uint8Array;
  readonly #temporary: Uint8Array;
  /** The new file, open for writing. */
  descriptor = NONE;
  /** What is known of the new file. */
  readonly status = new Status();

  constructor(path: string) {
    const directory = path.slice(0, path.lastIndexOf("/") + 1);
    this.#path = cString(path);
    this.#temporary = cString(`${directory}.report-${libc.getpid()}-${randomName()}`);
  }

  /**
   * Create the file beside the path.
   * @param like the file whose owner, group and permissions it gets.
   * @returns 0, or the errno.
   */
  create(like?: Status): number {
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    this.descriptor = libc.open(this.#temporary, flags, like ? 0o600 : 0o666);
    if (this.descriptor === NONE) return errno();
    const error = this.status.ofDescriptor(this.descriptor);
    if (error !== 0 || !like) return error;
    const { uid, gid, mode } = like;
    const isOther = uid !== this.status.uid || gid !== this.status.gid;
    if (isOther && libc.fchown(this.descriptor, uid, gid) !== 0) return errno();
    return libc.fchmod(this.descriptor, mode) === 0 ? 0 : errno();
  }

  /** Put it in the place of what is at the path. @returns 0, or the errno. */
  finish(): number {
    if (libc.fsync(this.descriptor) !== 0) return errno();
    if (libc.rename(this.#temporary, this.#path) !== 0) return errno();
    libc.close(this.descriptor);
    this.descriptor = NONE;
    return 0;
  }

  /** Remove it, if it has not taken its place. */
  discard(): void {
    if (this.descriptor === NONE) return;
    libc.unlink(this.#temporary);
    libc.close(this.descriptor);
  }
}

function randomName(): string {
  const bytes = Buffer.alloc(8);
  libc.getrandom(bytes, bytes.length, 0);
  return bytes.toString("hex", 0, bytes.length);
}
