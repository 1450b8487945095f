/** What rules.ts says of files, by descriptor: read(2), lseek(2), fstat(2), fcntl(2). */

import type { Answer, Call } from "./call.ts";
import type { OpenFile } from "./files.ts";
import {
  EBADF,
  EINVAL,
  ENODEV,
  ENOTTY,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFD,
  F_GETFL,
  F_SETFL,
  IFNAMSIZ,
  SEEK_CUR,
  SEEK_SET,
  SIOCGIFINDEX,
  S_IFREG,
} from "./linux.ts";
import type { Machine } from "./machine.ts";

export function read(file: OpenFile, call: Call): number {
  const size = put(file, call, file.position);
  file.position += size;
  return size;
}

export function pread(file: OpenFile, call: Call): number {
  return put(file, call, call.argument(3));
}

function put({ contents }: OpenFile, call: Call, offset: number): number {
  return call.put(1, contents.subarray(offset, offset + call.argument(2)));
}

export function lseek(file: OpenFile, call: Call): number {
  const [offset, from] = [call.int(1), call.int(2)];
  if (from !== SEEK_SET && from !== SEEK_CUR) return -EINVAL;
  file.position = offset + (from === SEEK_CUR ? file.position : 0);
  return file.position;
}

/** struct stat is not the same everywhere; what the loader reads of it is: st_dev, st_ino, st_size. */
export function stat({ path, contents }: OpenFile, call: Call, { files }: Machine, index = 1): number {
  const bytes = Buffer.alloc(call.tracee.arch.stat.size);
  const { mode } = call.tracee.arch.stat;
  bytes.writeBigUInt64LE(1n, 0);
  bytes.writeBigUInt64LE(BigInt(files.inode(path)), 8);
  bytes.writeUInt32LE(S_IFREG, mode);
  bytes.writeBigUInt64LE(BigInt(contents.length), 48);
  call.put(index, bytes);
  return 0;
}

export function write(_: OpenFile, call: Call, { output }: Machine): number {
  const descriptor = call.int(0);
  const size = call.argument(2);
  output.set(descriptor, (output.get(descriptor) ?? "") + call.bytes(1, size).toString("latin1"));
  return size;
}

export function fcntl(_: OpenFile, call: Call, { files }: Machine): number {
  const command = call.int(1);
  if (command === F_GETFD || command === F_GETFL || command === F_SETFL) return 0;
  if (command !== F_DUPFD && command !== F_DUPFD_CLOEXEC) return -EINVAL;
  return files.duplicate(call.int(0), files.free(call.int(2)));
}

/** sendfile(2): the rest of what is in the file, all at once. */
export function sendfile(_: OpenFile, call: Call, { files }: Machine): Answer {
  const from = files.get(call.int(1));
  if (!from) return -EBADF;
  const rest = from.contents.length - from.position;
  from.position = from.contents.length;
  return rest;
}

/** netdevice(7): the one interface is lo, its index 1. */
export function ioctl(_: OpenFile, call: Call): Answer {
  if (call.argument(1) !== SIOCGIFINDEX) return -ENOTTY;
  const request = call.bytes(2, IFNAMSIZ + 4);
  if (request.toString("latin1", 0, request.indexOf(0)) !== "lo") return -ENODEV;
  request.writeInt32LE(1, IFNAMSIZ);
  call.put(2, request);
  return 0;
}
