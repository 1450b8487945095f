import { read, type Pointer } from "bun:ffi";
import { addressOf, cString, readCString } from "./bytes.ts";
import { getenv } from "./entry.ts";
import { executableError } from "./executable.ts";
import { exitCode, Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { EACCES, EISDIR, ENOENT, ENOTDIR, EPERM, PATH_MAX } from "./linux.ts";

const PATH = addressOf(cString("PATH"));
/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = addressOf(cString("/usr/bin:/bin"));
const COLON = addressOf(cString(":"));

const SLASH = "/".charCodeAt(0);
const SLASH_AT = addressOf(cString("/"));

type Vector = Pointer | Uint8Array;

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Fatal (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: Pointer, argv: Vector, envp: Vector): never {
  const isPath = libc.strchr(prog, SLASH) != null;
  if (isPath) libc.execve(prog, argv, envp);
  throw failure(prog, isPath ? errno() : search(prog, argv, envp));
}

/** @throws Fatal, the same as exec(), if the file system tells that prog cannot be executed. */
export function lookUp(prog: Pointer): void {
  const isPath = libc.strchr(prog, SLASH) != null;
  const error = isPath ? executableError(prog) : search(prog);
  if (error !== 0) throw failure(prog, error);
}

function failure(prog: Pointer, error: number): Fatal {
  const status = error === ENOENT ? exitCode.notFound : exitCode.cannotExec;
  return new Fatal(`unable to exec ${readCString(prog)}`, { errno: error, status });
}

/** Where paths are put together: one that the kernel takes fits, and so PATH mostly does. */
const ROOM = 2 * PATH_MAX;
const paths = addressOf(new Uint8Array(ROOM));

/**
 * Execute `prog` from a directory of PATH; empty ones are skipped. Without `argv`, only find out whether it can be.
 * @returns the error to report: the last one but ENOENT, if there was another; 0, if it can be executed.
 */
function search(prog: Pointer, argv?: Vector, envp?: Vector): number {
  const path = getenv(PATH) ?? DEFAULT_PATH;
  const longest = libc.strlen(path);
  const size = libc.strlen(prog) + 1;
  const room = longest + 1 + size <= ROOM ? paths : addressOf(new Uint8Array(longest + 1 + size));
  // "/prog" stays where it is, and each directory comes in front of it.
  const slash = (room + longest) as Pointer;
  libc.memcpy(slash, SLASH_AT, 1);
  libc.memcpy((slash + 1) as Pointer, prog, size);
  let error = ENOENT;
  for (let directory = path; ;) {
    const length = libc.strcspn(directory, COLON);
    if (length > 0) {
      const file = (slash - length) as Pointer;
      libc.memcpy(file, directory, length);
      if (envp != null) libc.execve(file, argv!, envp);
      const failed = envp == null ? executableError(file) : errno();
      if (failed !== ENOENT) {
        error = failed;
        if (!isTolerated(failed)) return error;
      }
    }
    if (read.u8(directory, length) === 0) return error;
    directory = (directory + length + 1) as Pointer;
  }
}

/** After these the search goes on. */
function isTolerated(error: number): boolean {
  return error === EACCES || error === EPERM || error === EISDIR || error === ENOTDIR;
}
