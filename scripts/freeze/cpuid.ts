/**
 * cpuid and rdtsc tell a program what CPU it is on and when, and nobody can be kept from them on x86-64. So
 * while the program starts, an int3 stands in their place. cpuid is answered with an early CPU: what the runtime
 * and libc choose by it then runs on all that came after. In the image the instructions are as they were.
 */

import { Decoder, DecoderOptions, Mnemonic } from "iced-x86";
import type { Tell } from "./arch.ts";
import type { Registers } from "./registers.ts";

const CPUID = Buffer.of(0x0f, 0xa2);
const RDTSC = Buffer.of(0x0f, 0x31);
/** int3, and a byte that is never executed. */
const TRAP = Buffer.of(0xcc, 0x90);
/** How far in front of an instruction to begin decoding, in bytes: from anywhere, decoding falls into step in a few. */
const RUN_UP = 96;
const STARTS = 32;

/** Put int3 in the place of each such instruction in `code`. */
export function replaceTells(code: Buffer): Tell[] {
  const tells = [
    ...sites(code, CPUID, Mnemonic.Cpuid).map((offset) => ({ offset, instruction: CPUID })),
    ...sites(code, RDTSC, Mnemonic.Rdtsc).map((offset) => ({ offset, instruction: RDTSC })),
  ];
  for (const { offset } of tells) TRAP.copy(code, offset);
  return tells;
}

function sites(code: Buffer, bytes: Buffer, mnemonic: Mnemonic): number[] {
  const offsets: number[] = [];
  for (let at = code.indexOf(bytes); at !== -1; at = code.indexOf(bytes, at + 1)) {
    if (isInstruction(code, at, mnemonic)) offsets.push(at);
  }
  return offsets;
}

/** Whether these two bytes are an instruction, and not the middle of another: by what most run-ups say. */
function isInstruction(code: Buffer, at: number, mnemonic: Mnemonic): boolean {
  let votes = 0;
  for (let back = 0; back < STARTS; back++) {
    const start = Math.max(0, at - RUN_UP + back);
    const decoder = new Decoder(64, code.subarray(start, at + TRAP.length), DecoderOptions.None);
    while (decoder.canDecode && start + decoder.position < at) decoder.decode().free();
    if (start + decoder.position === at) {
      const instruction = decoder.decode();
      if (instruction.mnemonic === mnemonic) votes++;
      instruction.free();
    }
    decoder.free();
  }
  return votes > STARTS / 2;
}

/** An Intel CPU of 2008 (Nehalem): SSE4.2 and POPCNT, no AVX, and no xgetbv, which would tell more. */
const leaves: Record<number, readonly [eax: number, ebx: number, ecx: number, edx: number]> = {
  // The highest leaf, and "GenuineIntel" in ebx, edx, ecx.
  0: [1, 0x756e6547, 0x6c65746e, 0x49656e69],
  // Family 6, model 26; SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; what every x86-64 CPU has.
  1: [0x106a5, 0x00010800, (1 << 0) | (1 << 9) | (1 << 13) | (1 << 19) | (1 << 20) | (1 << 23), 0x078bfbff],
  0x80000000: [0x80000001, 0, 0, 0],
  // LAHF; SYSCALL, NX, long mode.
  0x80000001: [0, 0, 1, (1 << 11) | (1 << 20) | (1 << 29)],
};

/** Answer the instruction that trapped: in the low halves of the registers. The time is always 0. */
export function answerTell(registers: Registers, instruction: Buffer): void {
  const leaf = Number(BigInt.asUintN(32, registers.get("rax")));
  const [eax, ebx, ecx, edx] = leaves[leaf] ?? [0, 0, 0, 0];
  if (instruction === CPUID) {
    Object.entries({ rax: eax, rbx: ebx, rcx: ecx, rdx: edx }).forEach(([name, value]) =>
      registers.set(name, value >>> 0),
    );
  } else {
    registers.set("rax", 0);
    registers.set("rdx", 0);
  }
  // Behind the int3 there is one byte more.
  registers.set("rip", registers.get("rip") + 1n);
}
