/**
 * Start a program once, and write it as an executable that has started already. The program starts in the
 * fixed machine, rehearses command lines, and is stopped where each of its runs begins: at a system call that
 * no kernel has. Its memory becomes a static executable, whose entry code lets that call return.
 *
 * Nothing in this directory knows what the program does.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { SyscallName } from "./arch.ts";
import { readProgram } from "./elf.ts";
import { BUILD_ID_SIZE, entryOffset, writeExecutable } from "./executable.ts";
import { takeMemory } from "./image.ts";
import { layout, type Region } from "./layout.ts";
import { Machine } from "./machine.ts";
import type { Registers } from "./registers.ts";
import { endOf, load, placeArguments } from "./start.ts";
import { Tracee } from "./tracee.ts";
import { x64 } from "./x64.ts";

/** A command line that the program runs while it is built, so that nothing of it is cold in the image. */
export interface Rehearsal {
  /** argv and the environment, one byte a character. */
  readonly args: readonly string[];
  readonly environment: readonly string[];
  /** System calls that fail: each the next time that it is made. */
  readonly failures?: readonly (readonly [SyscallName, errno: number])[];
  /** The exit status that it comes to, since there is nothing to execute. */
  readonly exit: number;
}

export interface FreezeOptions {
  /** The path of the program: an executable with a dynamic loader. */
  readonly program: string;
  /** The environment that it starts in. */
  readonly environment: readonly string[];
  /** The number of the system call. Its argument is the exit status of the run before. */
  readonly pointOfReturn: number;
  readonly rehearsals: readonly Rehearsal[];
  /** How often all of them are run: twice, and what was compiled the first time is executed the second. */
  readonly rounds: number;
  /** A text of as many characters as the build ID has in hexadecimal: the program's own, to be replaced by that. */
  readonly buildIdText: string;
  /** What a run says that cannot go on, with the build ID at its end. */
  readonly message: string;
}

/** How many segments the file has, one for the headers and the entry code not counted. */
const SEGMENTS = 60;
/** Where the file begins: no kernel lets anything lie lower. */
const ADDRESS = 65_536;
const ROOM = 2 ** 20;

/** @throws Error that says what kept the program from being frozen. */
export async function freeze(options: FreezeOptions): Promise<Buffer> {
  const program = readProgram(readFileSync(options.program));
  using tracee = Tracee.start(options.program, x64);
  const machine = new Machine(tracee, endOf(program));
  load(machine, program, options.environment);
  const registers = await rehearse(machine, options);
  const { arch } = tracee;
  const regions = takeMemory(machine);
  const buildId = identify(regions, registers, options.buildIdText);
  const segments = layout(regions, { pageSize: arch.pageSize, segments: SEGMENTS, room: ROOM });
  const entryAt = ADDRESS + entryOffset(segments.length);
  const message = `${options.message} ${buildId.toString("hex")}\n`;
  return writeExecutable({
    machine: arch.elfMachine,
    pageSize: arch.pageSize,
    address: ADDRESS,
    entry: arch.entry(tracee, registers, entryAt, message),
    segments,
    areas: machine.areas,
    buildId,
  });
}

/** Let the program start and rehearse. @returns its registers at the point of return. */
async function rehearse(machine: Machine, options: FreezeOptions): Promise<Registers> {
  const { rehearsals, rounds, pointOfReturn } = options;
  let registers = machine.runTo(pointOfReturn);
  const left = machine.files.left.filter((path) => !INVISIBLE.has(path));
  if (left.length > 0) throw new Error(`the program leaves a descriptor open: ${left.join(", ")}`);
  for (let round = 0; round < rounds; round++) {
    for (const { args, environment, failures = [], exit } of rehearsals) {
      machine.files.reset();
      machine.output.clear();
      machine.failures = [...failures];
      machine.answer(placeArguments(machine, args, environment), registers);
      registers = machine.runTo(pointOfReturn);
      const status = Number(registers.get(machine.tracee.arch.roles.arguments[0]!));
      if (status !== exit) {
        const said = [...machine.output.values()].join("").trimEnd();
        throw new Error(`rehearsing ${args.join(" ")}: exit status ${status} instead of ${exit}: ${said}`);
      }
      // A signal to the build is answered here.
      await new Promise(setImmediate);
    }
  }
  return registers;
}

/** What the runtime itself keeps open, and never uses as long as nothing waits for an event. */
const INVISIBLE = new Set(["epoll", "eventfd"]);

/** Compute the build ID of what will be in the file, and put it where the program has a text for it. */
function identify(regions: readonly Region[], registers: Registers, text: string): Buffer {
  const hash = createHash("sha1").update(registers.words);
  for (const { address, flags, bytes } of regions)
    hash.update(`${address} ${flags} ${bytes.length}\n`).update(bytes);
  const id = hash.digest();
  if (text.length !== 2 * BUILD_ID_SIZE)
    throw new Error("the text for the build ID does not have its length");
  for (const { bytes } of regions) {
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at))
      bytes.write(id.toString("hex"), at);
  }
  return id;
}
