/** Archives in the format that the kernel unpacks at boot: "newc", see Documentation/driver-api/early-userspace/buffer-format.rst. */

import { lstatSync, readFileSync, readlinkSync } from "node:fs";

/** What an archive holds: by path, without a leading slash. */
export type Files = Map<string, File>;

export interface File {
  /** Type and permissions, as st_mode (inode(7)). */
  mode: number;
  /** A symbolic link's is where it points to. */
  content: Buffer;
}

export const file = (content: string | Uint8Array, permissions = 0o644): File => ({
  mode: S_IFREG | permissions,
  content: Buffer.from(content),
});

export const link = (target: string): File => ({ mode: S_IFLNK | 0o777, content: Buffer.from(target) });

/** A file of this machine's; a symbolic link stays one. */
export function fileAt(path: string): File {
  const status = lstatSync(path);
  return status.isSymbolicLink()
    ? link(readlinkSync(path))
    : { mode: status.mode, content: readFileSync(path) };
}

const magic = "070701";
const headerLength = magic.length + 13 * 8;
/** Which of the 13 numbers in a header: c_mode, c_filesize, c_namesize. */
const [modeField, sizeField, nameField] = [1, 6, 11];
const end = "TRAILER!!!";
const [S_IFDIR, S_IFREG, S_IFLNK] = [0o040000, 0o100000, 0o120000];

const padded = (length: number, to = 4) => Math.ceil(length / to) * to;

/** An archive of the files. Directories above them come first. */
export function pack(files: Files): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (name: string, { mode, content }: File, inode: number) => {
    const path = Buffer.from(`${name}\0`);
    // c_ino, c_mode, c_uid, c_gid, c_nlink, c_mtime, c_filesize, 2 × c_dev, 2 × c_rdev, c_namesize, c_check
    const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, path.length, 0];
    const header = magic + fields.map((field) => field.toString(16).padStart(8, "0")).join("");
    const start = Buffer.alloc(padded(headerLength + path.length));
    start.write(header, "latin1");
    start.set(path, headerLength);
    parts.push(start, content, new Uint8Array(padded(content.length) - content.length));
  };
  let inode = 1;
  for (const [name, file] of withDirectories(files)) add(name, file, inode++);
  add(end, { mode: 0, content: Buffer.alloc(0) }, 0);
  return Buffer.concat(parts);
}

function withDirectories(files: Files): Files {
  const all: Files = new Map();
  for (const [name, file] of files) {
    for (let slash = name.indexOf("/"); slash > 0; slash = name.indexOf("/", slash + 1)) {
      const directory = name.slice(0, slash);
      if (!files.has(directory)) all.set(directory, { mode: S_IFDIR | 0o755, content: Buffer.alloc(0) });
    }
    all.set(name, file);
  }
  return all;
}

/**
 * Read one archive from a stream that goes on behind it.
 * @param next more bytes of the stream; undefined at its end.
 * @throws Error if the stream ends before the archive does.
 */
export async function unpack(next: () => Promise<Uint8Array | undefined>): Promise<Files> {
  const files: Files = new Map();
  const stream = new Reader(next);
  for (;;) {
    const header = (await stream.take(headerLength)).toString("latin1");
    if (!header.startsWith(magic)) throw new Error(`not a cpio archive: ${JSON.stringify(header)}`);
    const field = (index: number) => parseInt(header.substr(magic.length + index * 8, 8), 16);
    const nameLength = field(nameField);
    const name = (await stream.take(padded(headerLength + nameLength) - headerLength)).toString(
      "utf8",
      0,
      nameLength - 1,
    );
    const size = field(sizeField);
    const content = (await stream.take(padded(size))).subarray(0, size);
    if (name === end) break;
    files.set(name, { mode: field(modeField), content });
  }
  return files;
}

/** Takes exactly so many bytes of what comes in pieces. */
class Reader {
  #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(readonly next: () => Promise<Uint8Array | undefined>) {}

  async take(length: number): Promise<Buffer> {
    while (this.#length < length) {
      const piece = await this.next();
      if (!piece) throw new Error("the archive breaks off");
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    const all = Buffer.concat(this.#pieces);
    this.#pieces = [all.subarray(length)];
    this.#length -= length;
    return all.subarray(0, length);
  }
}
