/**
 * Takes out of a compiled executable what nothing reads. Bun loads our program
 * behind `.bss` with the same segment, and so `.bss` itself is in the file:
 * 1.8 MB of zeros. And the runtime comes with the names of its symbols.
 */

import { ElfImage, PT_LOAD, PT_NOTE, sectionHeader, sectionTable } from "./elf.ts";

/** What Bun compiled. */
const PROGRAM = ".bun";
/** The names of sections: of what is not loaded, all that is kept. */
const NAMES = ".shstrtab";
/** Size of an address, and what an entry of the section header table is aligned to, in bytes. */
const WORD = 8;

/**
 * @param bytes a whole executable as `bun build --compile` makes it; it is changed.
 * @returns one that is the same in memory.
 * @throws Error when the image does not look as expected.
 */
export function compact(bytes: Buffer): Buffer {
  const image = new ElfImage(bytes);
  const bss = image.section(".bss");
  const program = image.section(PROGRAM);
  const names = image.section(NAMES);
  const loaded = image.sections.filter((section) => section.address !== 0);
  if (loaded.some((section, i) => section !== image.sections[i])) {
    throw new Error("expected the sections that are loaded in front of the others");
  }
  const data = image.segments.find(
    ({ type, address, memorySize }) =>
      type === PT_LOAD && address <= bss.address && program.address < address + memorySize,
  );
  // What is loaded from two places takes two segments. A debugger finds the note by its section, too.
  const spare = image.segments.at(-1);
  if (!data || spare?.type !== PT_NOTE) {
    throw new Error("expected .bss in a segment with .bun, and a note last");
  }
  if (program.address % data.align !== 0) throw new Error("expected .bun to be aligned as its segment");
  if (bytes.subarray(bss.offset, program.offset).some((byte) => byte !== 0)) {
    throw new Error("expected nothing but zeros from .bss to .bun");
  }
  // The runtime finds the program by its address, which is where .bun was before Bun moved it.
  const before = loaded[loaded.indexOf(program) - 1];
  const pointer = before ? aligned(before.offset + before.bytes.length, WORD) : 0;
  if (bytes.readBigUInt64LE(pointer) !== BigInt(program.address)) {
    throw new Error("expected the address of .bun in its place");
  }

  const programAt = aligned(bss.offset, data.align);
  const namesAt = programAt + program.bytes.length;
  const tableAt = aligned(namesAt + names.bytes.length, WORD);
  const pointerAddress = data.address + pointer - data.offset;
  const headers = [
    ...loaded.map((section) =>
      // Without a section of its own, strip(1) would lose the address.
      section === program ? sectionHeader(program, pointerAddress, pointer, WORD) : section.header,
    ),
    sectionHeader(program, program.address, programAt, program.bytes.length),
    sectionHeader(names, 0, namesAt, names.bytes.length),
  ];
  spare.become(data, programAt, program.address, program.bytes.length);
  data.resize(bss.offset - data.offset, program.address - data.address);
  const table = sectionTable(bytes, tableAt, headers);

  const compacted = Buffer.alloc(tableAt + table.length);
  bytes.copy(compacted, 0, 0, bss.offset);
  program.bytes.copy(compacted, programAt);
  names.bytes.copy(compacted, namesAt);
  table.copy(compacted, tableAt);
  return compacted;
}

/** `offset` or the next multiple of `align`. */
function aligned(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}
