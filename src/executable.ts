import type { Pointer } from "bun:ffi";
import { addressOf, cString, readText } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import { AT_EACCESS, AT_FDCWD, O_CLOEXEC, O_RDONLY, X_OK } from "./linux.ts";
import { Status } from "./statx.ts";

/** How much of a script the kernel reads, in bytes: BINPRM_BUF_SIZE of linux/binfmts.h. */
const HEAD = 256;

/** Made once, since each page that a run takes costs time. */
const status = new Status();
const head = new Uint8Array(HEAD);
const headAt = addressOf(head);

const HASH = "#".charCodeAt(0);
const BANG = "!".charCodeAt(0);

/**
 * What execve() would say of a file, as far as its type, its permissions and its interpreter tell.
 * @returns an errno; 0 if nothing is known against it.
 */
export function executableError(file: Pointer | Uint8Array): number {
  const error = status.ofProgram(file);
  if (error !== 0) return error;
  if (libc.faccessat(AT_FDCWD, file, X_OK, AT_EACCESS) !== 0) return errno();
  const descriptor = libc.open(file, O_RDONLY | O_CLOEXEC, 0);
  if (descriptor === -1) return 0;
  const size = libc.read(descriptor, headAt, HEAD);
  libc.close(descriptor);
  if (size < 2 || head[0] !== HASH || head[1] !== BANG) return 0;
  const interpreter = interpreterIn(size);
  return interpreter === undefined ? 0 : status.ofProgram(interpreter);
}

/** The path after `#!` in the head of a script: execve(2), "Interpreter scripts". Undefined if there is none. */
function interpreterIn(size: number): Uint8Array | undefined {
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
