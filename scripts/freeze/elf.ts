/** Reading the executable and linkable format, as far as it concerns loading: elf(5), System V ABI. Pure. */

// linux/elf.h
export const PT_LOAD = 1;
const PT_INTERP = 3;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;

/** Sizes of Elf64_Ehdr and Elf64_Phdr, in bytes. */
export const HEADER = 64;
export const PROGRAM_HEADER = 56;

/** A part of a file that is mapped. Addresses, offsets and sizes in bytes. */
export interface Loadable {
  readonly address: number;
  /** How much of it is in memory: more than in the file where it ends with zeros. */
  readonly size: number;
  readonly offset: number;
  readonly fileSize: number;
  /** PF_R, PF_W, PF_X. */
  readonly flags: number;
}

export interface Program {
  readonly entry: number;
  /** Where its program headers are in memory, the size of one, and how many there are: AT_PHDR, AT_PHENT, AT_PHNUM. */
  readonly headers: { readonly address: number; readonly size: number; readonly count: number };
  /** The path of the dynamic loader, if it needs one. */
  readonly interpreter: string | undefined;
  readonly segments: readonly Loadable[];
  readonly bytes: Buffer;
}

/** @throws Error unless it is an ELF file for 64 bits, little-endian. */
export function readProgram(bytes: Buffer): Program {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error("not an ELF file for a 64-bit little-endian machine");
  }
  const word = (offset: number) => Number(bytes.readBigUInt64LE(offset));
  const [entry, offset, count] = [word(24), word(32), bytes.readUInt16LE(56)];
  const segments: Loadable[] = [];
  let interpreter: string | undefined;
  for (let at = offset; at < offset + count * PROGRAM_HEADER; at += PROGRAM_HEADER) {
    const type = bytes.readUInt32LE(at);
    const segment = {
      flags: bytes.readUInt32LE(at + 4),
      offset: word(at + 8),
      address: word(at + 16),
      fileSize: word(at + 32),
      size: word(at + 40),
    };
    if (type === PT_LOAD) segments.push(segment);
    // Without the NUL that ends it.
    if (type === PT_INTERP) {
      interpreter = bytes.toString("latin1", segment.offset, segment.offset + segment.fileSize - 1);
    }
  }
  const first = segments[0];
  if (!first) throw new Error("nothing in it is to be loaded");
  const address = first.address - first.offset + offset;
  return { entry, headers: { address, size: PROGRAM_HEADER, count }, interpreter, segments, bytes };
}

/** The name of the section that an address lies in: Elf64_Shdr. */
export function sectionAt({ bytes }: Program, address: number): string | undefined {
  const [table, size, count, names] = [
    bytes.readBigUInt64LE(40),
    ...[58, 60, 62].map((at) => bytes.readUInt16LE(at)),
  ];
  const word = (section: number, at: number) =>
    Number(bytes.readBigUInt64LE(Number(table) + size! * section + at));
  const strings = word(names!, 24);
  for (let section = 1; section < count!; section++) {
    const start = word(section, 16);
    if (start === 0 || address < start || address >= start + word(section, 32)) continue;
    const name = strings + bytes.readUInt32LE(Number(table) + size! * section);
    return bytes.toString("latin1", name, bytes.indexOf(0, name));
  }
  return undefined;
}
