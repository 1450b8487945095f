/** What differs from one architecture to the other. x64.ts and arm64.ts say it, with the same exports. */

import type { EntryOptions } from "./entry.ts";
import syscalls from "./syscalls.json";
import type { Registers, RegisterSets } from "./registers.ts";

export type SyscallName = keyof typeof syscalls;

/** An instruction that tells of the host that executes it, and where it is in the code. */
export interface Tell {
  readonly offset: number;
  readonly instruction: Buffer;
}

export interface Architecture {
  /** Its column in syscalls.json. */
  readonly column: 0 | 1;
  /** Where the general registers are: the order of NT_PRSTATUS: struct user_regs_struct, sys/user.h. */
  readonly registers: ReadonlyMap<string, number>;
  /** Which of them mean what at a system call: syscall(2). */
  readonly roles: {
    /** The number that the instruction takes. */
    readonly number: string;
    /** The number of the call that the process is in. */
    readonly call: string;
    readonly arguments: readonly string[];
    readonly result: string;
    readonly pc: string;
    readonly sp: string;
  };
  /** Registers that cannot be read where a system call begins or ends, and are as they were afterwards. */
  readonly hidden: readonly string[];
  /** The instruction that makes a system call. */
  readonly syscallInstruction: Buffer;
  /** The page size that the program is told, in bytes: the largest of the kernels that shall run it. */
  readonly pageSize: number;
  /** AT_HWCAP, AT_HWCAP2 and AT_PLATFORM of the oldest CPU that is supported: getauxval(3). */
  readonly hwcap: number;
  readonly hwcap2: number;
  readonly platform: string;
  /** struct stat: its size, and where st_mode is in it; linux/stat.h. */
  readonly stat: { readonly size: number; readonly mode: number };
  /** An instruction that traps: it stands where code was left out, too. */
  readonly trap: Buffer;
  /** How far behind a trap the program counter is when it stops there, in bytes. */
  readonly trapSize: number;
  /** EM_X86_64, EM_AARCH64 of linux/elf-em.h. */
  readonly elfMachine: number;
  /**
   * What the image begins with: the entry code and its table, with the state of the stopped program in it.
   * @throws Error where there is state that the entry code does not put back.
   */
  entry(process: RegisterSets, registers: Registers, options: EntryOptions): Buffer;
  /** Put a trap in the place of each instruction in `code` that tells of the build host. */
  replaceTells(code: Buffer): Tell[];
  /** Answer one of them, which has trapped. */
  answerTell(registers: Registers, instruction: Buffer): void;
}

const names: Map<number, SyscallName>[] = [0, 1].map(
  (column) =>
    new Map(
      (Object.entries(syscalls) as [SyscallName, (number | null)[]][]).flatMap(([name, numbers]) =>
        numbers[column] == null ? [] : [[numbers[column], name]],
      ),
    ),
);

/** The number of a system call on an architecture. @throws Error where it has none. */
export function syscallNumber(name: SyscallName, { column }: Architecture): number {
  const number = syscalls[name][column];
  if (number == null) throw new Error(`no system call ${name} on this architecture`);
  return number;
}

export function syscallName(number: number, { column }: Architecture): SyscallName | undefined {
  return names[column]!.get(number);
}
