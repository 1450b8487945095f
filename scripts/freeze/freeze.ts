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
import { alignUp } from "./address-space.ts";
import { PF_R, PF_W, PF_X, readProgram } from "./elf.ts";
import { BUILD_ID_SIZE, entryOffset, writeExecutable } from "./executable.ts";
import { takeMemory } from "./image.ts";
import { layout, type Known, type Segment } from "./layout.ts";
import { Machine } from "./machine.ts";
import { Pages, type Region } from "./pages.ts";
import { store, type Stores } from "./pieces.ts";
import type { Registers } from "./registers.ts";
import { endOf, load, placeArguments } from "./start.ts";
import { Trace } from "./trace.ts";
import { Tracee } from "./tracee.ts";
import { x64 } from "./x64.ts";

/** A command line that the program runs while it is built, so that nothing of it is cold in the image. */
export interface Rehearsal {
  /** argv and the environment, one byte a character. */
  readonly args: readonly string[];
  readonly environment: readonly string[];
  /** The paths of files that are there, besides the libraries. */
  readonly files?: readonly string[];
  /** System calls that fail: each the next time that it is made. */
  readonly failures?: readonly (readonly [SyscallName, errno: number])[];
  /** The exit status that it comes to, since there is nothing to execute. */
  readonly exit: number;
  /** Whether most runs are like this one: what it touches is mapped from the start. */
  readonly common?: boolean;
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
  /** Whether to keep all that is frozen, mapped from the start. */
  readonly whole?: boolean;
  /** What a run says that cannot go on: the build ID and two addresses follow. */
  readonly message: string;
}

/** How many segments the file has, those of the headers and of the stores not counted. */
const SEGMENTS = 56;
/** How many pages are kept on either side of one that a rehearsal touched. */
const MARGIN = 2;
/** Where the file begins: no kernel lets anything lie lower. */
const ADDRESS = 65_536;
/** Stores are aligned to this, in bytes: the largest page of any kernel. */
const STORE_ALIGNMENT = 65_536;

/** @throws Error that says what kept the program from being frozen. */
export async function freeze(options: FreezeOptions): Promise<Buffer> {
  const program = readProgram(readFileSync(options.program));
  using tracee = Tracee.start(options.program, x64);
  const machine = new Machine(tracee, endOf(program));
  load(machine, program, options.environment);
  const registers = await rehearse(machine, options);
  const regions = takeMemory(machine);
  const pages = new Pages(regions, tracee.arch.pageSize);
  const known = options.whole ? everything(pages) : await trace(machine, pages, registers, options);
  const buildId = identify(regions, registers, options.buildIdText);
  const { segments, pieces } = layout(pages, known, { segments: SEGMENTS, margin: MARGIN });
  const stores = store(pages, pieces);
  return write(machine, registers, segments, stores, buildId, options.message);
}

/** Let the program start, and rehearse. @returns its registers at the point of return. */
async function rehearse(machine: Machine, options: FreezeOptions): Promise<Registers> {
  let registers = machine.runTo(options.pointOfReturn);
  const left = machine.files.left.filter((path) => !INVISIBLE.has(path));
  if (left.length > 0) throw new Error(`the program leaves a descriptor open: ${left.join(", ")}`);
  for (let round = 0; round < options.rounds; round++) {
    for (const rehearsal of options.rehearsals) {
      registers = await run(machine, registers, rehearsal, options.pointOfReturn);
    }
  }
  return registers;
}

/** What the runtime itself keeps open, and never uses as long as nothing waits for an event. */
const INVISIBLE = new Set(["epoll", "eventfd"]);

/** Run one command line. @returns the registers at the point of return that it comes to. */
async function run(
  machine: Machine,
  from: Registers,
  { args, environment, files, failures = [], exit }: Rehearsal,
  pointOfReturn: number,
): Promise<Registers> {
  machine.files.reset(files);
  machine.output.clear();
  machine.failures = [...failures];
  machine.answer(placeArguments(machine, args, environment), from);
  const registers = machine.runTo(pointOfReturn);
  const status = Number(registers.get(machine.tracee.arch.roles.arguments[0]!));
  if (status !== exit) {
    const said = [...machine.output.values()].join("").trimEnd();
    throw new Error(`rehearsing ${args.join(" ")}: exit status ${status} instead of ${exit}: ${said}`);
  }
  // A signal to the build is answered here.
  await new Promise(setImmediate);
  return registers;
}

/** Find the pages that the rehearsals touch, each beginning with the frozen memory. */
async function trace(
  machine: Machine,
  pages: Pages,
  registers: Registers,
  { rehearsals, pointOfReturn }: FreezeOptions,
): Promise<Known> {
  const mapped = new Set<number>();
  const touched = new Set<number>();
  const byKernel = new Set<number>();
  const tracing = new Trace(machine, pages);
  const follow = async (rehearsal: Rehearsal, into: Set<number>) => {
    const found = await tracing.of(
      async () => void (await run(machine, registers, rehearsal, pointOfReturn)),
    );
    for (const page of found.pages) into.add(page);
    for (const page of found.byKernel) byKernel.add(page);
  };
  for (const rehearsal of rehearsals.filter(({ common }) => common)) await follow(rehearsal, mapped);
  tracing.open(mapped);
  for (const rehearsal of rehearsals.filter(({ common }) => !common)) await follow(rehearsal, touched);
  const { start, end } = machine.stack;
  // No signal is delivered without a stack.
  for (const page of [...byKernel, ...pages.of({ start, end })]) mapped.add(page);
  const libraries = machine.areas.filter(({ name }) => LIBRARY.test(name));
  const kept = (page: number) => libraries.some(({ start, end }) => start <= page && page < end);
  return { mapped, touched: new Set([...touched, ...mapped]), kept };
}

/** Of shared libraries all is kept, of the program only what is near to what it needs. */
const LIBRARY = /\.so\b/;

function everything(pages: Pages): Known {
  const all = new Set(pages);
  return { mapped: all, touched: all, kept: () => true };
}

/** Compute the build ID of what will be in the file, and put it where the program has a text for it. */
function identify(regions: readonly Region[], registers: Registers, text: string): Buffer {
  const hash = createHash("sha1").update(registers.words);
  for (const { address, flags, bytes } of regions) {
    hash.update(`${address} ${flags} ${bytes.length}\n`).update(bytes);
  }
  const id = hash.digest();
  if (text.length !== 2 * BUILD_ID_SIZE)
    throw new Error("the text for the build ID does not have its length");
  for (const { bytes } of regions) {
    for (let at = bytes.indexOf(text); at !== -1; at = bytes.indexOf(text, at))
      bytes.write(id.toString("hex"), at);
  }
  return id;
}

function write(
  machine: Machine,
  registers: Registers,
  segments: readonly Segment[],
  stores: Stores,
  buildId: Buffer,
  message: string,
): Buffer {
  const { arch } = machine.tracee;
  // Stores come behind all that is frozen, and so behind all that will be put in its place.
  let end = alignUp(machine.memory.end, STORE_ALIGNMENT);
  const storeOf = (contents: Buffer, flags: number, name: string): Segment => {
    const segment = { address: end, size: contents.length, flags, contents };
    machine.name(end, contents.length, name);
    end = alignUp(end + contents.length, STORE_ALIGNMENT);
    return segment;
  };
  const code = storeOf(stores.code, PF_R | PF_X, "store.code");
  const state = storeOf(stores.state, PF_R | PF_W, "store.state");
  const packed = storeOf(stores.packed, PF_R, "store.packed");
  const all = [...segments, ...[code, state, packed].filter(({ size }) => size > 0)];
  const entry = arch.entry(machine.tracee, registers, {
    address: ADDRESS + entryOffset(all.length),
    message: `${message} ${buildId.toString("hex")} at `,
    stores,
    code: code.address,
    state: state.address,
    packed: packed.address,
    // The far end of the stack.
    last: machine.stack.start,
  });
  return writeExecutable({
    machine: arch.elfMachine,
    pageSize: arch.pageSize,
    address: ADDRESS,
    entry,
    segments: all,
    areas: machine.areas,
    buildId,
  });
}
