/** What rules.ts says of files, by path: open(2), statx(2), rename(2), readlink(2). */

import type { Answer, Call } from "./call.ts";
import type { File, Files } from "./files.ts";
import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  EACCES,
  EBADF,
  EEXIST,
  EINVAL,
  EISDIR,
  ENOENT,
  ENOTDIR,
  O_ACCMODE,
  O_CREAT,
  O_EXCL,
  S_IFDIR,
  S_IFMT,
  X_OK,
} from "./linux.ts";
import type { Machine } from "./machine.ts";

/** The access rights of a file, all of them taken together. */
const EXECUTE = 0o111;

export function open({ files }: Machine, name: string, flags: number): number {
  const path = files.resolve(name);
  const file = files.findLink(path);
  if (file && (flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) return -EEXIST;
  if (file && (file.mode & S_IFMT) === S_IFDIR && (flags & O_ACCMODE) !== 0) return -EISDIR;
  if (file) return files.open(path, file);
  const error = missing(files, path);
  return (flags & O_CREAT) === 0 || error !== -ENOENT || !files.findDirectory(path)
    ? error
    : files.open(path, files.create(path));
}

export function access({ files }: Machine, name: string, mode: number): number {
  const path = files.resolve(name);
  const file = files.findLink(path);
  if (!file) return missing(files, path);
  return (mode & X_OK) !== 0 && (file.mode & EXECUTE) === 0 ? -EACCES : 0;
}

/** Why there is no file at a path. */
function missing(files: Files, path: string): number {
  const directory = files.findDirectory(path);
  return directory && (directory.mode & S_IFMT) !== S_IFDIR ? -ENOTDIR : -ENOENT;
}

export function rename({ files }: Machine, from: string, to: string): number {
  return files.rename(from, to) ? 0 : -ENOENT;
}

export function unlink({ files }: Machine, path: string): number {
  return files.remove(path) ? 0 : -ENOENT;
}

/** No file but those of a rehearsal is a symbolic link. */
export function readLink({ files }: Machine, call: Call, index: number): number {
  const path = call.string(index);
  const file = files.findLink(path);
  if (!file) return missing(files, path);
  return files.resolve(path) === path ? -EINVAL : call.put(index + 1, file.contents);
}

export function statx(call: Call, machine: Machine): Answer {
  const { files } = machine;
  const [name, flags] = [call.string(1), call.int(2)];
  if ((flags & AT_EMPTY_PATH) !== 0 && name === "") {
    const open = files.get(call.int(0));
    return open ? putStatx(call, machine, open.path, open) : -EBADF;
  }
  const path = (flags & AT_SYMLINK_NOFOLLOW) !== 0 ? name : files.resolve(name);
  const file = files.findLink(path);
  return file ? putStatx(call, machine, path, file) : missing(files, path);
}

/** struct statx of linux/stat.h: what is known of a file. */
function putStatx(call: Call, { files }: Machine, path: string, { mode, owner, contents }: File): Answer {
  const bytes = Buffer.alloc(256);
  bytes.writeUInt32LE(call.argument(3), 0);
  bytes.writeUInt32LE(owner, 20);
  bytes.writeUInt32LE(owner, 24);
  bytes.writeUInt16LE(mode, 28);
  bytes.writeBigUInt64LE(BigInt(files.inode(path)), 32);
  bytes.writeBigUInt64LE(BigInt(contents.length), 40);
  call.put(4, bytes);
  return 0;
}
