/** x86-64: the names are those of sys/user.h, the calling convention is that of syscall(2). */

import { answerTell, replaceTells } from "./cpuid.ts";
import type { Architecture } from "./arch.ts";
import { entryCode, type EntryOptions } from "./entry.ts";
import listing from "./entry-x64.json";
import { NT_PRFPREG } from "./linux.ts";
import { inOrder, type Registers, type RegisterSets } from "./registers.ts";

export const x64: Architecture = {
  column: 0,
  registers: inOrder(
    "r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs".split(
      " ",
    ),
  ),
  roles: {
    number: "rax",
    call: "orig_rax",
    arguments: ["rdi", "rsi", "rdx", "r10", "r8", "r9"],
    result: "rax",
    pc: "rip",
    sp: "rsp",
  },
  hidden: [],
  syscallInstruction: Buffer.of(0x0f, 0x05),
  pageSize: 4096,
  // What cpuid leaf 1 says in edx, as cpuid.ts answers it.
  hwcap: 0x078bfbff,
  hwcap2: 0,
  platform: "x86_64",
  // int3
  trap: Buffer.of(0xcc),
  trapSize: 1,
  stat: { size: 144, mode: 24 },
  replaceTells,
  answerTell,
  elfMachine: 62,
  entry,
};

/** What entry-x64.s puts back, in its order. */
const restored = "fs_base rsp rbx rbp r12 r13 r14 r15 rip".split(" ");

// asm/signal.h
const SA_RESTORER = 0x04000000n;

function entry(process: RegisterSets, registers: Registers, options: EntryOptions): Buffer {
  checkControlWords(process.readSet(NT_PRFPREG, 512));
  return entryCode(
    listing,
    restored.map((name) => registers.get(name)),
    SA_RESTORER,
    options,
  );
}

/** x87 and SSE control words are not restored, since the kernel gives those of a new process: fxsave of the SDM. */
function checkControlWords(fxsave: Buffer): void {
  const [x87, sse] = [fxsave.readUInt16LE(0), fxsave.readUInt32LE(24)];
  // What rounding and masking a new process has; the lowest six bits of mxcsr only say what happened.
  if (x87 !== 0x37f || (sse & ~0x3f) !== 0x1f80) {
    throw new Error(
      `the program changed its floating-point control words: ${x87.toString(16)}, ${sse.toString(16)}`,
    );
  }
}
