/** Put a program into the memory of a process as execve(2) would, but at addresses that are always the same. */

import { readFileSync } from "node:fs";
import { alignDown, alignUp, END_OF_IMAGE } from "./address-space.ts";
import { PF_X, readProgram, type Program } from "./elf.ts";
import {
  AT_BASE,
  AT_CLKTCK,
  AT_EGID,
  AT_ENTRY,
  AT_EUID,
  AT_EXECFN,
  AT_GID,
  AT_HWCAP,
  AT_HWCAP2,
  AT_PAGESZ,
  AT_PHDR,
  AT_PHENT,
  AT_PHNUM,
  AT_PLATFORM,
  AT_RANDOM,
  AT_SECURE,
  AT_UID,
  MAP_ANONYMOUS,
  MAP_FIXED_NOREPLACE,
  MAP_PRIVATE,
  PROT_READ,
  PROT_WRITE,
} from "./linux.ts";
import { protection } from "./pieces.ts";
import type { Machine } from "./machine.ts";
import { initialStack, STACK_SIZE, type AuxiliaryVector } from "./stack.ts";
import type { Tracee } from "./tracee.ts";

/** The kernel takes no more than 6 MiB of arguments and environment, in bytes: fs/exec.c. */
const ARGUMENTS_SIZE = 8 * 2 ** 20;
/**
 * Where what is given to a rehearsal lies: as high up as a stack may be, so that its addresses are numbers of the
 * same kind to the program, and where no kernel puts one. src/entry.ts knows a rehearsal by it.
 */
const REHEARSALS = 0x2a_0000_0000;
/** The same for what is to go on to the end of the process: it is no rehearsal to the program. */
const RUNS = 0x2b_0000_0000;
/** What is below belongs to nobody: /proc/sys/vm/mmap_min_addr. */
const LOWEST = 65_536;

/** Remove what execve() mapped, and put the program, its loader and a stack in its place. The loader is next. */
export function load(machine: Machine, program: Program, environment: readonly string[]): void {
  const { tracee } = machine;
  const { arch } = tracee;
  if (!/ld-linux/.test(program.interpreter ?? "")) {
    throw new Error(
      `the program's dynamic loader is ${program.interpreter ?? "none"}, and not that of glibc`,
    );
  }
  if (program.segments[0]!.address < LOWEST) {
    throw new Error("the program may lie anywhere, and not where it was linked to: link it with -no-pie");
  }
  const interpreter = readProgram(readFileSync(program.interpreter!));
  tracee.call("munmap", LOWEST, END_OF_IMAGE - LOWEST);
  place(machine, program, 0, "runtime");
  const base = machine.memory.take(memorySize(interpreter, arch.pageSize));
  place(machine, interpreter, base, program.interpreter!);

  const stack = machine.memory.take(STACK_SIZE);
  map(tracee, stack, STACK_SIZE);
  machine.stack = machine.name(stack, STACK_SIZE, "stack");
  for (const area of [REHEARSALS, RUNS]) map(tracee, area, ARGUMENTS_SIZE);
  const auxv: AuxiliaryVector = [
    [AT_PHDR, program.headers.address],
    [AT_PHENT, program.headers.size],
    [AT_PHNUM, program.headers.count],
    [AT_PAGESZ, arch.pageSize],
    [AT_BASE, base],
    [AT_ENTRY, program.entry],
    ...[AT_UID, AT_EUID, AT_GID, AT_EGID, AT_SECURE].map((type) => [type, 0] as const),
    [AT_PLATFORM, Buffer.from(`${arch.platform}\0`)],
    [AT_HWCAP, arch.hwcap],
    [AT_HWCAP2, arch.hwcap2],
    [AT_CLKTCK, 100],
    // The stack canary and the pointer guard of libc come from here.
    [AT_RANDOM, Buffer.alloc(16, 0x5a)],
    [AT_EXECFN, Buffer.from("/program\0")],
  ];
  const { sp, bytes } = initialStack(stack + STACK_SIZE, ["program"], environment, auxv);
  tracee.memory.write(sp, bytes);

  const registers = tracee.registers();
  registers.set(arch.roles.pc, base + interpreter.entry);
  registers.set(arch.roles.sp, sp);
  tracee.setRegisters(registers);
}

/** Give a command line to the program, as the kernel gives one to a process. @returns the address of argc. */
export function placeArguments(
  { tracee }: Machine,
  args: readonly string[],
  environment: readonly string[],
  isRun: boolean,
): number {
  const area = isRun ? RUNS : REHEARSALS;
  const { sp, bytes } = initialStack(area + ARGUMENTS_SIZE, args, environment);
  if (sp < area) throw new Error("a command line to rehearse is too long");
  tracee.memory.write(sp, bytes);
  return sp;
}

/** Where the program ends that lies where it was linked to. */
export function endOf({ segments }: Program): number {
  return Math.max(...segments.map(({ address, size }) => address + size));
}

/** How much memory a program takes that may lie anywhere, in bytes. */
function memorySize(program: Program, pageSize: number): number {
  return alignUp(endOf(program), pageSize);
}

/** Map the segments of a program at their addresses and `base`, as copies. */
function place(machine: Machine, program: Program, base: number, name: string): void {
  const { tracee } = machine;
  const { pageSize } = tracee.arch;
  for (const { address, size, offset, fileSize, flags } of program.segments) {
    const start = alignDown(base + address, pageSize);
    const end = alignUp(base + address + size, pageSize);
    map(tracee, start, end - start);
    machine.name(start, end - start, name);
    const contents = Buffer.from(program.bytes.subarray(offset, offset + fileSize));
    if (flags & PF_X) machine.trap(base + address, contents);
    tracee.memory.write(base + address, contents);
    tracee.call("mprotect", start, end - start, protection(flags));
  }
}

function map(tracee: Tracee, address: number, size: number): void {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  tracee.call("mmap", address, size, PROT_READ | PROT_WRITE, flags, -1, 0);
}
