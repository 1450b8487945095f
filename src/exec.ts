import type { Pointer } from "bun:ffi";
import { exitCode, Failure } from "./failure.ts";
import { cString, errno, libc, readCString } from "./libc.ts";
import { Linux } from "./linux.ts";

/** Where to look when PATH is not set, as skalibs and execvp(3) have it. */
const DEFAULT_PATH = "/usr/bin:/bin";

/** After these the search goes on, and they are what is reported if nothing is found. */
const isTolerated = (error: number) =>
  error === Linux.EACCES || error === Linux.EPERM || error === Linux.EISDIR || error === Linux.ENOTDIR;

/**
 * Become prog: execve() it with the same pid, the arguments from `argv` on and
 * the environment `envp`. A name without a slash is looked for in PATH; there is
 * no fallback to a shell. See execve(2).
 * @throws Failure (127: not found; 126: found, but it cannot be executed).
 */
export function exec(prog: string, argv: Pointer, envp: Pointer): never {
  let error = Linux.ENOENT;
  for (const file of candidates(prog)) {
    libc().execve(cString(file), argv, envp);
    const failed = errno();
    if (failed === Linux.ENOENT) continue;
    error = failed;
    if (!isTolerated(failed)) break;
  }
  throw new Failure(
    `unable to exec ${prog}`,
    error,
    error === Linux.ENOENT ? exitCode.notFound : exitCode.cannotExec,
  );
}

function candidates(prog: string): string[] {
  if (prog.includes("/")) return [prog];
  const path = libc().getenv(cString("PATH"));
  return (path === null ? DEFAULT_PATH : readCString(path))
    .split(":")
    .filter((directory) => directory !== "")
    .map((directory) => `${directory}/${prog}`);
}
