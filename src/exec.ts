import { toArrayBuffer, type Pointer } from "bun:ffi";
import { exitCode, Failure } from "./failure.ts";
import { cString, errno, libc } from "./libc.ts";
import { Linux } from "./linux.ts";

/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = "/usr/bin:/bin";

const SLASH = "/".charCodeAt(0);
const COLON = ":".charCodeAt(0);

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Failure (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: string, argv: Pointer, envp: Pointer): never {
  const attempt = (file: Uint8Array) => {
    libc().execve(file, argv, envp);
    return errno();
  };
  const error = prog.includes("/") ? attempt(cString(prog)) : search(cString(prog), attempt);
  const status = error === Linux.ENOENT ? exitCode.notFound : exitCode.cannotExec;
  throw new Failure(`unable to exec ${prog}`, error, status);
}

/**
 * Attempt to execute `name` in each directory of PATH; empty ones are skipped.
 * @returns the error to report: the last one but ENOENT, if there was another.
 */
function search(name: Uint8Array, attempt: (file: Uint8Array) => number): number {
  const path = pathBytes();
  const file = new Uint8Array(path.length + 1 + name.length);
  let error: number = Linux.ENOENT;
  for (let start = 0, end; start < path.length; start = end + 1) {
    end = path.indexOf(COLON, start);
    if (end === -1) end = path.length;
    if (end === start) continue;
    file.set(path.subarray(start, end));
    file[end - start] = SLASH;
    file.set(name, end - start + 1);
    const failed = attempt(file);
    if (failed === Linux.ENOENT) continue;
    error = failed;
    if (!isTolerated(failed)) break;
  }
  return error;
}

/** After these the search goes on. */
function isTolerated(error: number): boolean {
  return error === Linux.EACCES || error === Linux.EPERM || error === Linux.EISDIR || error === Linux.ENOTDIR;
}

/** The value of PATH. */
function pathBytes(): Uint8Array {
  const path = libc().getenv(cString("PATH"));
  if (path === null) return cString(DEFAULT_PATH).subarray(0, -1);
  return new Uint8Array(toArrayBuffer(path as Pointer));
}
