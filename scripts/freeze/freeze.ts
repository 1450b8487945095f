/**
 * Start a program once, and write it as an executable that has started already. The program starts in the
 * fixed machine, rehearses command lines, and is stopped where each of its runs begins. Its memory becomes a
 * static executable, whose entry code lets the system call return that it was stopped in.
 *
 * Nothing in this directory knows what the program does.
 */

import { createHash } from "node:crypto";
import { alignUp } from "./address-space.ts";
import { PF_R, PF_W, PF_X } from "./elf.ts";
import { BUILD_ID_SIZE, entryOffset, writeExecutable } from "./executable.ts";
import { layout, type Layout, type Known, type Segment } from "./layout.ts";
import { mapOf } from "./map.ts";
import type { Pages } from "./pages.ts";
import { store, type Stores } from "./pieces.ts";
import { Session, type Rehearsal, type SessionOptions } from "./session.ts";

/**
 * What is in the file: what the rehearsals touched, and its surroundings; all of it, mapped from the start; the same
 * as the first, but packed as far as can be, so that whatever is needed has to be unpacked: to test that; or without
 * surroundings: to test that no run needs them.
 */
export type Keep = "touched" | "whole" | "packed" | "exact";

/** An executable, and a list of what lies where in it. */
export interface Frozen {
  readonly executable: Buffer;
  readonly map: string;
}

export interface FreezeOptions extends SessionOptions {
  /** A text of as many characters as the build ID has in hexadecimal: the program's own, to be replaced by that. */
  readonly buildIdText: string;
  readonly keep?: Keep;
  /** What a run says that cannot go on: the build ID and two addresses follow. */
  readonly message: string;
}

/**
 * How many segments the file has, those of the headers and of the stores not counted. Each costs every run 2 to 3 µs;
 * fewer of them cost bytes in the file, for the gaps that they take in.
 */
const SEGMENTS = 32;
/** How much is kept on either side of what a rehearsal touched, in bytes. */
const MARGIN = 4096;
/** Where the file begins: no kernel lets anything lie lower. */
const ADDRESS = 65_536;
/** Stores are aligned to this, in bytes: the largest page of any kernel. */
const STORE_ALIGNMENT = 65_536;

/** @throws Error that says what kept the program from being frozen. */
export async function freeze({ keep = "touched", ...options }: FreezeOptions): Promise<Frozen> {
  using session = await Session.start(options);
  const { pages, machine } = session;
  const known = keep === "whole" ? everything(pages) : await trace(session, options.rehearsals, keep);
  const form = {
    pageSize: machine.memory.pageSize,
    segments: SEGMENTS,
    margin: keep === "exact" ? 0 : MARGIN,
    filler: machine.tracee.arch.trap,
  };
  const buildId = identify(session, layout(pages, known, form), options.buildIdText);
  const { segments, pieces } = layout(pages, known, form);
  return {
    executable: write(session, segments, store(pieces), buildId, options.message),
    map: mapOf(segments, pieces, machine.areas),
  };
}

/** Find the pages that the rehearsals touch. */
async function trace(session: Session, rehearsals: readonly Rehearsal[], keep: Keep): Promise<Known> {
  const mapped = new Set<number>();
  const touched = new Set<number>();
  const byKernel = new Set<number>();
  const follow = async (rehearsal: Rehearsal) => {
    const found = await session.touchedBy(rehearsal);
    for (const page of found.pages) touched.add(page);
    // In a long one the kernel looks at the same, or at what was written just before.
    if (!rehearsal.long) for (const page of found.byKernel) byKernel.add(page);
    return found.beforeExec.pages;
  };
  for (const rehearsal of rehearsals.filter(({ common }) => common)) {
    for (const page of await follow(rehearsal)) mapped.add(page);
  }
  session.open(mapped);
  for (const rehearsal of rehearsals.filter(({ common }) => !common)) {
    await follow(rehearsal);
    session.open(touched);
  }
  const { stack, areas } = session.machine;
  for (const page of mapped) touched.add(page);
  if (keep === "packed") mapped.clear();
  // No signal is delivered without a stack.
  for (const page of [...byKernel, ...session.pages.of(stack)]) mapped.add(page);
  const libraries = keep === "exact" ? [] : areas.filter(({ name }) => LIBRARY.test(name));
  const kept = (page: number) => libraries.some(({ start, end }) => start <= page && page < end);
  // The smallest page is moved as it is; of a larger one, most was never touched, and packs well.
  const isMoved = keep !== "packed" && session.machine.memory.pageSize === session.pages.pageSize;
  return { mapped, touched, raw: isMoved ? touched : new Set(), kept };
}

/**
 * Of the C library and its loader all is kept; of the program, and of what else it is linked with, what is near to
 * what it needs.
 */
const LIBRARY = /\/(libc|ld-linux-[\w-]+)\.so\b/;

function everything(pages: Pages): Known {
  const all = new Set(pages);
  return { mapped: all, touched: all, raw: all, kept: () => true };
}

/**
 * Compute the build ID of what will be in the file, and put it where the program has a text for it. What is left
 * out does not count: there may be something of the build host's CPU in it.
 */
function identify({ regions }: Session, { segments, pieces }: Layout, text: string): Buffer {
  const hash = createHash("sha1");
  for (const { flags, contents, ...range } of [...segments, ...pieces]) {
    hash.update(`${JSON.stringify(range)} ${flags} ${contents.length}\n`).update(contents);
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
  { machine, registers }: Session,
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
