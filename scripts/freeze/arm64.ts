/** AArch64: the names are those of the architecture's manual, the calling convention is that of syscall(2). */

import type { Architecture, Tell } from "./arch.ts";
import { entryCode, type EntryOptions } from "./entry.ts";
import listing from "./entry-arm64.json";
import { NT_ARM_TLS, NT_PRFPREG } from "./linux.ts";
import { inOrder, type Registers, type RegisterSets } from "./registers.ts";

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `x${i}`);

export const arm64: Architecture = {
  column: 1,
  registers: inOrder([...numbered(31), "sp", "pc", "pstate"]),
  roles: {
    number: "x8",
    call: "x8",
    arguments: numbered(6),
    result: "x0",
    pc: "pc",
    sp: "sp",
  },
  // It says which of both it is: arch/arm64/kernel/ptrace.c.
  hidden: ["x7"],
  syscallInstruction: Buffer.of(0x01, 0x00, 0x00, 0xd4),
  // The largest that kernels are configured for: what is laid out for it fits the smaller ones, too.
  pageSize: 65_536,
  // FP and ASIMD: asm/hwcap.h.
  hwcap: 3,
  hwcap2: 0,
  platform: "aarch64",
  // brk #0
  trap: Buffer.of(0x00, 0x00, 0x20, 0xd4),
  trapSize: 0,
  stat: { size: 128, mode: 16 },
  elfMachine: 183,
  replaceTells,
  answerTell,
  entry,
};

/** `mrs x0, …` of what tells of the CPU or of the time, and the answer. */
const tells: readonly (readonly [instruction: number, answer: bigint])[] = [
  // ctr_el0: the smallest lines of caches that there can be.
  [0xd53b0020, 0x84428002n],
  // dczid_el0: dc zva is not to be used.
  [0xd53b00e0, 0x10n],
  // cntfrq_el0, cntvct_el0
  [0xd53be000, 1_000_000n],
  [0xd53be040, 0n],
];

/** The lowest five bits of `mrs` are the register. */
const registerOf = (instruction: number) => instruction & 31;
const answerOf = (instruction: number) => tells.find(([tell]) => tell === (instruction & ~31) >>> 0)?.[1];

/** What they all end with. */
const END = Buffer.of(0x3b, 0xd5);

function replaceTells(code: Buffer): Tell[] {
  const found: Tell[] = [];
  for (let end = code.indexOf(END); end !== -1; end = code.indexOf(END, end + 1)) {
    const offset = end - 2;
    if (offset % 4 !== 0 || answerOf(code.readUInt32LE(offset)) === undefined) continue;
    found.push({ offset, instruction: Buffer.from(code.subarray(offset, offset + 4)) });
    arm64.trap.copy(code, offset);
  }
  return found;
}

function answerTell(registers: Registers, instruction: Buffer): void {
  const word = instruction.readUInt32LE(0);
  const register = registerOf(word);
  // x31 is none.
  if (register < 31) registers.set(`x${register}`, answerOf(word)!);
  registers.set("pc", registers.get("pc") + 4n);
}

/** What entry-arm64.s puts back, in its order: the thread pointer before, d8 to d15 and pc behind it. */
const restored = ["sp", ...numbered(31).slice(19)];

function entry(process: RegisterSets, registers: Registers, options: EntryOptions): Buffer {
  const thread = process.readSet(NT_ARM_TLS, 8).readBigUInt64LE();
  // struct user_fpsimd_state: 32 vector registers of 16 bytes, fpsr, fpcr.
  const floating = process.readSet(NT_PRFPREG, 528);
  const control = floating.readUInt32LE(516);
  if (control !== 0)
    throw new Error(`the program changed its floating-point control: ${control.toString(16)}`);
  const low = [8, 9, 10, 11, 12, 13, 14, 15].map((i) => floating.readBigUInt64LE(16 * i));
  const general = restored.map((name) => registers.get(name));
  return entryCode(listing, [thread, ...general, ...low, registers.get("pc")], SA_RESTORER, options);
}

// asm/signal.h
const SA_RESTORER = 0x04000000n;
