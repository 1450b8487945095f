import { ptr, type Pointer } from "bun:ffi";
import { cString, readText } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import { AT_EACCESS, AT_FDCWD, EACCES, O_CLOEXEC, O_RDONLY, X_OK } from "./linux.ts";
import { Status } from "./statx.ts";

/** How much of a script the kernel reads, in bytes: BINPRM_BUF_SIZE of linux/binfmts.h. */
const HEAD = 256;

/** Made once, since each page that a run takes costs time. */
const status = new Status();
const head = new Uint8Array(HEAD);
const headAt = ptr(head);

const HASH = "#".charCodeAt(0);
const BANG = "!".charCodeAt(0);

/**
 * What execve() would say of a file, as far as its type, its permissions and its interpreter tell.
 * @returns an errno; 0 if nothing is known against it.
 */
export function executableError(file: Pointer | Uint8Array): number {
  const error = status.ofTarget(file);
  if (error !== 0) return error;
  if (!status.isRegular) return EACCES;
  if (libc.faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) !== 0) return errno();
  const interpreter = interpreterOf(file);
  return interpreter === undefined ? 0 : status.ofTarget(interpreter);
}

/** The path after `#!`: execve(2), "Interpreter scripts". Undefined if the file is none, or cannot be read. */
function interpreterOf(file: Pointer | Uint8Array): Uint8Array | undefined {
  const descriptor = libc.open(file, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor === -1) return undefined;
  const size = Number(libc.read(descriptor, head, HEAD));
  libc.close(descriptor);
  if (size < 2 || head[0] !== HASH || head[1] !== BANG) return undefined;
  const text = readText(headAt, size);
  let start = 2;
  while (isBlank(text, start)) start++;
  let end = start;
  while (end < size && text[end] !== "\n" && !isBlank(text, end)) end++;
  // Where the path is missing or too long, the kernel has its own opinion.
  return start === end || end === size ? undefined : cString(text.slice(start, end));
}

function isBlank(text: string, index: number): boolean {
  return text[index] === " " || text[index] === "\t";
}
