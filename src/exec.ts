import { ptr, type Pointer } from "bun:ffi";
import { cString } from "./bytes.ts";
import { exitCode, Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { EACCES, EISDIR, ENOENT, ENOTDIR, EPERM } from "./linux.ts";

const PATH = cString("PATH");
/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = cString("/usr/bin:/bin");

const COLON = ":".charCodeAt(0);

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Fatal (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: string, argv: Pointer, envp: Pointer | Uint8Array): never {
  const error = prog.includes("/") ? attempt(cString(prog), argv, envp) : search(prog, argv, envp);
  const status = error === ENOENT ? exitCode.notFound : exitCode.cannotExec;
  throw new Fatal(`unable to exec ${prog}`, error, status);
}

/** @returns why it could not be executed. */
function attempt(file: Uint8Array, argv: Pointer, envp: Pointer | Uint8Array): number {
  libc.execve(file, argv, envp);
  return errno();
}

/**
 * Attempt to execute `prog` in each directory of PATH; empty ones are skipped.
 * @returns the error to report: the last one but ENOENT, if there was another.
 */
function search(prog: string, argv: Pointer, envp: Pointer | Uint8Array): number {
  const path = (libc.getenv(PATH) as Pointer | null) ?? ptr(DEFAULT_PATH);
  const end = path + Number(libc.strlen(path));
  const name = cString(`/${prog}`);
  const file = new Uint8Array(end - path + name.length);
  let error = ENOENT;
  for (let start = path; start < end;) {
    const colon = libc.strchrnul(start, COLON) as Pointer;
    const length = colon - start;
    if (length > 0) {
      libc.memcpy(file, start, length);
      libc.memcpy(ptr(file, length), name, name.length);
      const failed = attempt(file, argv, envp);
      if (failed !== ENOENT) error = failed;
      if (!isTolerated(failed)) break;
    }
    start = (colon + 1) as Pointer;
  }
  return error;
}

/** After these the search goes on. */
function isTolerated(error: number): boolean {
  return error === ENOENT || error === EACCES || error === EPERM || error === EISDIR || error === ENOTDIR;
}
