import { ptr, type Pointer } from "bun:ffi";
import { cString, POINTER, readCString } from "./bytes.ts";
import { getenv } from "./entry.ts";
import { executableError } from "./executable.ts";
import { exitCode, Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { EACCES, EISDIR, ENOENT, ENOTDIR, EPERM, PATH_MAX } from "./linux.ts";

const PATH = cString("PATH");
/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = cString("/usr/bin:/bin");

const COLON = ":".charCodeAt(0);
const SLASH = "/".charCodeAt(0);

type Vector = Pointer | Uint8Array;

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Fatal (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: Pointer, argv: Vector, envp: Vector): never {
  if (libc.strchr(prog, SLASH) === null) throw failure(prog, search(prog, execute, argv, envp));
  libc.execve(prog, argv, envp);
  throw failure(prog, errno());
}

/** @throws Fatal, the same as exec(), if the file system tells that prog cannot be executed. */
export function lookUp(prog: Pointer): void {
  const isPath = libc.strchr(prog, SLASH) !== null;
  const error = isPath ? executableError(prog) : search(prog, executableError, NO_VECTOR, NO_VECTOR);
  if (error !== 0) throw failure(prog, error);
}

const NO_VECTOR = new Uint8Array(POINTER);

function failure(prog: Pointer, error: number): Fatal {
  const status = error === ENOENT ? exitCode.notFound : exitCode.cannotExec;
  return new Fatal(`unable to exec ${readCString(prog)}`, { errno: error, status });
}

/** @returns why a file cannot be executed; 0 if it can. */
type Attempt = (file: Vector, argv: Vector, envp: Vector) => number;

function execute(file: Vector, argv: Vector, envp: Vector): number {
  libc.execve(file, argv, envp);
  return errno();
}

/**
 * Attempt to execute `prog` in each directory of PATH; empty ones are skipped.
 * @returns the error to report: the last one but ENOENT, if there was another.
 */
function search(prog: Pointer, attempt: Attempt, argv: Vector, envp: Vector): number {
  const path = getenv(PATH) ?? ptr(DEFAULT_PATH);
  const end = path + libc.strlen(path);
  const size = libc.strlen(prog) + 1;
  const file = roomFor(end - path + 1 + size);
  let error = ENOENT;
  for (let start = path; start < end;) {
    const colon = libc.strchrnul(start, COLON) as Pointer;
    const length = colon - start;
    if (length > 0) {
      libc.memcpy(file, start, length);
      libc.memcpy((file + length) as Pointer, SEPARATOR, 1);
      libc.memcpy((file + length + 1) as Pointer, prog, size);
      const failed = attempt(file, argv, envp);
      if (failed !== ENOENT) error = failed;
      if (!isTolerated(failed)) break;
    }
    start = (colon + 1) as Pointer;
  }
  return error;
}

/** Where a path is put together: one that the kernel takes fits, and so PATH mostly does. */
const path = new Uint8Array(2 * PATH_MAX);
const pathAt = ptr(path);
const SEPARATOR = cString("/");

let longer: Uint8Array;

/** Where there is room for `size` bytes. */
function roomFor(size: number): Pointer {
  if (size <= 2 * PATH_MAX) return pathAt;
  longer = new Uint8Array(size);
  return ptr(longer);
}

/** After these the search goes on. */
function isTolerated(error: number): boolean {
  return error === ENOENT || error === EACCES || error === EPERM || error === EISDIR || error === ENOTDIR;
}
