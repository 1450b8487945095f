/** Start a process under ptrace(2), and end it. */

import { ptr } from "bun:ffi";
import { closeSync, writeSync } from "node:fs";
import {
  O_CLOEXEC,
  PTRACE_O_EXITKILL,
  PTRACE_O_TRACEEXEC,
  PTRACE_O_TRACESYSGOOD,
  PTRACE_SEIZE,
  SIGKILL,
  __WALL,
} from "./linux.ts";
import { Block, check, libc, SystemError } from "./ptrace.ts";

/** ptrace() is not to be had: by seccomp, by Yama, in an emulator. */
export class TraceRefused extends Error {}

/** What the shell does: wait for a line, then become the program. When its parent is gone there is no line. */
const LAUNCH = 'read go && exec "$0" </dev/null >/dev/null 2>&1';

/**
 * Let a shell become `program`, and trace both. It ends with this process, however this ends.
 * @returns its pid.
 * @throws TraceRefused, which says what would help.
 */
export function launch(program: string): number {
  const { pid, go } = startShell(program);
  try {
    const options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (libc.ptrace(PTRACE_SEIZE, pid, 0, options) !== 0) throw refused(new SystemError("ptrace").message);
    writeSync(go, "\n");
    return pid;
  } catch (error) {
    kill(pid);
    throw error;
  } finally {
    closeSync(go);
  }
}

/** Start the shell that becomes `program`. @returns its pid, and where it waits for a line to go. */
function startShell(program: string): { pid: number; go: number } {
  const pipe = new Int32Array(2);
  check(libc.pipe2(ptr(pipe), O_CLOEXEC), "pipe2");
  const [input = -1, go = -1] = pipe;
  const strings = ["/bin/sh", "-c", LAUNCH, program].map((text) => Buffer.from(`${text}\0`));
  const argv = BigUint64Array.from([...strings.map((text) => BigInt(ptr(text))), 0n]);
  const envp = new BigUint64Array(1);
  // posix_spawn_file_actions_t of glibc and musl has less than this.
  const actions = new Uint8Array(256);
  const pid = new Int32Array(1);
  libc.posix_spawn_file_actions_init(ptr(actions));
  libc.posix_spawn_file_actions_adddup2(ptr(actions), input, 0);
  const error = libc.posix_spawn(ptr(pid), ptr(strings[0]!), ptr(actions), null, ptr(argv), ptr(envp));
  closeSync(input);
  if (error !== 0) throw new SystemError("unable to start /bin/sh", error);
  return { pid: pid[0]!, go };
}

/** End a process, and wait until it is gone. */
export function kill(pid: number): void {
  libc.kill(pid, SIGKILL);
  const status = new Block(4);
  while (libc.waitpid(pid, status.address, __WALL) === pid && (status.ints[0]! & 0xff) === 0x7f);
}

function refused(reason: string): TraceRefused {
  return new TraceRefused(
    `unable to trace a process (${reason}): starting the program at build time takes ptrace(2). ` +
      "A container needs a seccomp profile that allows it (Docker's default one does, since kernel 4.8), " +
      "/proc/sys/kernel/yama/ptrace_scope must be 0 or 1, and it is not to be had under qemu-user.",
  );
}
