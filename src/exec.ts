import type { Pointer } from "bun:ffi";
import { exitCode, Failure } from "./failure.ts";
import { allocate, cString, errno, libc, strings } from "./libc.ts";
import { Linux } from "./linux.ts";

/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = "/usr/bin:/bin";

const COLON = ":".charCodeAt(0);

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Failure (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: string, argv: Pointer, envp: Pointer): never {
  const attempt = (file: Pointer) => {
    libc().execve(file, argv, envp);
    return errno();
  };
  const error = prog.includes("/") ? attempt(cString(prog)) : search(prog, attempt);
  const status = error === Linux.ENOENT ? exitCode.notFound : exitCode.cannotExec;
  throw new Failure(`unable to exec ${prog}`, error, status);
}

/**
 * Attempt to execute `prog` in each directory of PATH; empty ones are skipped.
 * @returns the error to report: the last one but ENOENT, if there was another.
 */
function search(prog: string, attempt: (file: Pointer) => number): number {
  const { getenv, strchrnul, memcpy } = strings();
  const path = (getenv(cString("PATH")) as Pointer | null) ?? cString(DEFAULT_PATH);
  const last = strchrnul(path, 0) as Pointer;
  const name = cString(`/${prog}`);
  const nameSize = prog.length + 2;
  const file = allocate(last - path + nameSize);
  let error: number = Linux.ENOENT;
  for (let start = path; start <= last;) {
    const end = strchrnul(start, COLON) as Pointer;
    const length = end - start;
    if (length > 0) {
      memcpy(file, start, length);
      memcpy((file + length) as Pointer, name, nameSize);
      const failed = attempt(file);
      if (failed !== Linux.ENOENT) error = failed;
      if (!isTolerated(failed)) break;
    }
    start = (end + 1) as Pointer;
  }
  return error;
}

/** After these the search goes on. */
function isTolerated(error: number): boolean {
  return (
    error === Linux.ENOENT ||
    error === Linux.EACCES ||
    error === Linux.EPERM ||
    error === Linux.EISDIR ||
    error === Linux.ENOTDIR
  );
}
