/** Writing a static executable: elf(5), System V ABI. Pure. Addresses, offsets and sizes in bytes. */

import type { Area } from "./areas.ts";
import { HEADER, PF_R, PF_W, PF_X, PROGRAM_HEADER, PT_LOAD } from "./elf.ts";
import type { Segment } from "./layout.ts";
import { codeSection, noteSection, SECTION_HEADER, sectionsOf, sectionTable } from "./sections.ts";

// linux/elf.h
const ET_EXEC = 2;
const PT_NOTE = 4;
const PT_GNU_STACK = 0x6474e551;
const NT_GNU_BUILD_ID = 3;

/** Program headers besides those of segments: PT_NOTE, PT_GNU_STACK. */
const OTHER_HEADERS = 2;
/** The build ID is a SHA-1, as that of a linker: a note with the name "GNU". */
export const BUILD_ID_SIZE = 20;
const NOTE_SIZE = 16 + BUILD_ID_SIZE;

export interface Executable {
  /** EM_X86_64, EM_AARCH64. */
  readonly machine: number;
  readonly pageSize: number;
  /** Where the file begins: headers, build ID, entry code. */
  readonly address: number;
  /** The entry code, whose first instruction is where the process begins. */
  readonly entry: Buffer;
  /** Behind that, ascending; no two share a page. */
  readonly segments: readonly Segment[];
  /** What lies where, for the section headers. The last that covers an address counts. */
  readonly areas: readonly Area[];
  readonly buildId: Buffer;
}

/** How far behind the beginning of the file the entry code is, with so many segments behind it. */
export function entryOffset(segments: number): number {
  const size = HEADER + PROGRAM_HEADER * (segments + 1 + OTHER_HEADERS) + NOTE_SIZE;
  return Math.ceil(size / 16) * 16;
}

export function writeExecutable(executable: Executable): Buffer {
  const { machine, pageSize, address, entry, segments, areas, buildId } = executable;
  const entryAt = entryOffset(segments.length);
  const noteAt = HEADER + PROGRAM_HEADER * (segments.length + 1 + OTHER_HEADERS);
  const head = Buffer.alloc(entryAt + entry.length);
  entry.copy(head, entryAt);
  note(buildId).copy(head, noteAt);

  const first = { address, size: head.length, flags: PF_R | PF_X, contents: head };
  let end = 0;
  const placed = [first, ...segments].map((segment) => {
    const offset = Math.ceil(end / pageSize) * pageSize;
    if (segment.contents.length > 0) end = offset + segment.contents.length;
    return { ...segment, offset: segment.contents.length > 0 ? offset : 0 };
  });
  const sections = [
    noteSection(".note.gnu.build-id", { address: address + noteAt, offset: noteAt, size: NOTE_SIZE }),
    codeSection(".entry", { address: address + entryAt, offset: entryAt, size: entry.length }),
    ...placed.slice(1).flatMap((segment) => sectionsOf(segment, areas, pageSize)),
  ];

  const headers = Buffer.concat([
    programHeader(PT_NOTE, PF_R, noteAt, address + noteAt, NOTE_SIZE, NOTE_SIZE, 4),
    ...placed.map(({ flags, offset, address, contents, size }) =>
      programHeader(PT_LOAD, flags, offset, address, contents.length, size, pageSize),
    ),
    // Without it the stack would be executable.
    programHeader(PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 16),
  ]);
  const tail = sectionTable(sections, end);
  elfHeader(
    machine,
    address + entryAt,
    placed.length + OTHER_HEADERS,
    tail.headersAt,
    sections.length + 2,
  ).copy(head);
  headers.copy(head, HEADER);

  const file = Buffer.alloc(end + tail.bytes.length);
  for (const { contents, offset } of placed) contents.copy(file, offset);
  tail.bytes.copy(file, end);
  return file;
}

function elfHeader(
  machine: number,
  entry: number,
  programHeaders: number,
  sectionsAt: number,
  sections: number,
) {
  const header = Buffer.alloc(HEADER);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(ET_EXEC, 16);
  header.writeUInt16LE(machine, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(entry), 24);
  header.writeBigUInt64LE(BigInt(HEADER), 32);
  header.writeBigUInt64LE(BigInt(sectionsAt), 40);
  [HEADER, PROGRAM_HEADER, programHeaders, SECTION_HEADER, sections, sections - 1].forEach((value, i) =>
    header.writeUInt16LE(value, 52 + 2 * i),
  );
  return header;
}

/** Elf64_Phdr. */
function programHeader(
  type: number,
  flags: number,
  offset: number,
  address: number,
  fileSize: number,
  size: number,
  alignment: number,
): Buffer {
  const header = Buffer.alloc(PROGRAM_HEADER);
  header.writeUInt32LE(type, 0);
  header.writeUInt32LE(flags, 4);
  [offset, address, address, fileSize, size, alignment].forEach((value, i) =>
    header.writeBigUInt64LE(BigInt(value), 8 + 8 * i),
  );
  return header;
}

/** Elf64_Nhdr, its name, the build ID. */
function note(buildId: Buffer): Buffer {
  const bytes = Buffer.alloc(NOTE_SIZE);
  [4, BUILD_ID_SIZE, NT_GNU_BUILD_ID].forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
  bytes.write("GNU\0", 12, "latin1");
  buildId.copy(bytes, 16);
  return bytes;
}
