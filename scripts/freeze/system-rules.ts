/** What rules.ts says of the process, the system and the time. */

import type { Call } from "./call.ts";
import { EINVAL, RLIMIT_NOFILE, RLIMIT_STACK } from "./linux.ts";
import type { Machine } from "./machine.ts";
import { STACK_SIZE } from "./stack.ts";

// asm/prctl.h
const ARCH_SET_FS = 0x1002;

const MiB = 2 ** 20;

/** arch_prctl(2): it is a register here. */
export function setThreadPointer(call: Call): number {
  if (call.int(0) !== ARCH_SET_FS) return -EINVAL;
  call.registers.set("fs_base", call.argument(1));
  return 0;
}

/** What is frozen is one thread; others would be missing in the image. */
export function secondThread(): never {
  throw new Error("the program starts a second thread, and only one can be frozen");
}

export function ended(call: Call, { output }: Machine): never {
  const said = [...output.values()].join("").trimEnd();
  throw new Error(
    `the program ends with exit status ${call.int(0)}, and does not come to where its runs begin: ${said}`,
  );
}

export function limit(resource: number): Buffer {
  if (resource === RLIMIT_STACK) return words(STACK_SIZE, STACK_SIZE);
  if (resource === RLIMIT_NOFILE) return words(1024, 4096);
  // RLIM_INFINITY
  return words(-1, -1);
}

/** struct sysinfo: uptime, loads[3], totalram, freeram, …; procs at 80, mem_unit at 104. */
export function sysinfo(): Buffer {
  const bytes = Buffer.alloc(112);
  words(1, 0, 0, 0, 1024 * MiB, 512 * MiB).copy(bytes);
  bytes.writeUInt16LE(1, 80);
  bytes.writeUInt32LE(1, 104);
  return bytes;
}

/** struct timespec of a time in nanoseconds; struct timeval has the same form, and nobody looks closer. */
export function timespec(time: number): Buffer {
  return words(1000 + Math.floor(time / 1e9), time % 1e9);
}

export function nanoseconds(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(0)) * 1e9 + Number(bytes.readBigUInt64LE(8));
}

export function words(...values: number[]): Buffer {
  return Buffer.from(BigUint64Array.from(values, (value) => BigInt.asUintN(64, BigInt(value))).buffer);
}
