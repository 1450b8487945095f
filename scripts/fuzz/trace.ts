/** A process under ptrace(2), whose system calls fail as they should, and whose faults are seen. */

import { ptr } from "bun:ffi";
import { readlinkSync, realpathSync } from "node:fs";
import { syscallName } from "../freeze/arch.ts";
import { hostArchitecture } from "../freeze/host.ts";
import type { Failure } from "../freeze/machine.ts";
import * as sys from "../freeze/linux.ts";
import { check, libc } from "../freeze/ptrace.ts";
import { Registers } from "../freeze/registers.ts";
import { statusOf } from "./status.ts";

const arch = hostArchitecture();

/** Where the number of a call is that has begun, if it is not in a register of its own: linux/elf.h. */
const NT_ARM_SYSTEM_CALL = 0x404;

/**
 * Trace a child to its end. Calls fail in the executable, and not in what comes before and behind it.
 * @param missed gets the addresses of pages that the executable missed.
 * @param go lets the child go on, once it is traced.
 * @returns its exit status; 128 and the number of a signal.
 */
export function trace(
  child: number,
  go: () => void,
  executable: string,
  failures: readonly Failure[],
  missed: Set<number>,
): number {
  const ours = realpathSync(executable);
  const left = [...failures];
  const options = sys.PTRACE_O_TRACESYSGOOD | sys.PTRACE_O_TRACEEXEC | sys.PTRACE_O_EXITKILL;
  check(libc.ptrace(sys.PTRACE_SEIZE, child, 0, options), "ptrace: PTRACE_SEIZE");
  go();
  const status = new Int32Array(1);
  let isOurs = false;
  let inCall = false;
  /** The errno of the call that the child is in. */
  let errno: number | undefined;
  for (;;) {
    check(libc.waitpid(child, ptr(status), sys.__WALL), "waitpid");
    if ((status[0]! & 0xff) !== 0x7f) return statusOf(status[0]!);
    const event = status[0]! >> 16;
    let signal = (status[0]! >> 8) & 0xff;
    if (event === sys.PTRACE_EVENT_EXEC) {
      isOurs = readlinkSync(`/proc/${child}/exe`) === ours;
      // The end of execve() is next.
      inCall = true;
    } else if (signal === (sys.SIGTRAP | 0x80)) {
      inCall = !inCall;
      if (inCall) errno = cancel(child, left);
      else if (errno !== undefined) errno = answer(child, errno);
    }
    if (isOurs && event === 0 && signal === sys.SIGSEGV) missed.add(faultPage(child));
    if (event !== 0 || signal === (sys.SIGTRAP | 0x80)) signal = 0;
    const goesOn = isOurs && (left.length > 0 || errno !== undefined);
    libc.ptrace(goesOn ? sys.PTRACE_SYSCALL : sys.PTRACE_CONT, child, 0, signal);
  }
}

/** At the beginning of a call: make it none, if it is to fail. @returns with which errno. */
function cancel(child: number, failures: Failure[]): number | undefined {
  const registers = read(child);
  const name = syscallName(registers.number(arch.roles.call), arch);
  const failure = failures.findIndex(([calls]) => name && calls.includes(name));
  const errno = failure === -1 ? 0 : failures.splice(failure, 1)[0]![1];
  if (errno === 0) return undefined;
  if (arch.roles.call === arch.roles.number) set(child, NT_ARM_SYSTEM_CALL, Int32Array.of(-1));
  else {
    registers.set(arch.roles.call, -1);
    set(child, sys.NT_PRSTATUS, registers.words);
  }
  return errno;
}

/** At the end of a call: let it fail. */
function answer(child: number, errno: number): undefined {
  const registers = read(child);
  registers.set(arch.roles.result, -errno);
  set(child, sys.NT_PRSTATUS, registers.words);
}

/** Where the page is that was missed: si_addr of sigaction(2). */
function faultPage(child: number): number {
  const info = new BigUint64Array(16);
  check(libc.ptrace(sys.PTRACE_GETSIGINFO, child, 0, ptr(info)), "ptrace: PTRACE_GETSIGINFO");
  return Number(info[2]! & ~0xfffn);
}

function read(child: number): Registers {
  const registers = new Registers(arch);
  check(libc.ptrace(sys.PTRACE_GETREGSET, child, sys.NT_PRSTATUS, ptr(iovec(registers.words))), "ptrace");
  return registers;
}

function set(child: number, which: number, bytes: NodeJS.TypedArray): void {
  check(libc.ptrace(sys.PTRACE_SETREGSET, child, which, ptr(iovec(bytes))), "ptrace");
}

/** struct iovec: readv(2). */
function iovec(bytes: NodeJS.TypedArray): BigUint64Array {
  return BigUint64Array.of(BigInt(ptr(bytes)), BigInt(bytes.byteLength));
}
