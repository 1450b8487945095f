/** The sections of a static executable, which name what lies where: elf(5). Pure. Addresses and sizes in bytes. */

import { nameOf, type Area } from "./areas.ts";
import { PF_W, PF_X } from "./elf.ts";
import type { Segment } from "./layout.ts";

// linux/elf.h
const SHT_PROGBITS = 1;
const SHT_STRTAB = 3;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;
const SHF_WRITE = 1;
const SHF_ALLOC = 2;
const SHF_EXECINSTR = 4;

export const SECTION_HEADER = 64;

/** Where it is in memory and in the file. */
interface Place {
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

export interface Section extends Place {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly alignment: number;
}

export function noteSection(name: string, place: Place): Section {
  return { name, type: SHT_NOTE, flags: SHF_ALLOC, ...place, alignment: 4 };
}

export function codeSection(name: string, place: Place): Section {
  return { name, type: SHT_PROGBITS, flags: SHF_ALLOC | SHF_EXECINSTR, ...place, alignment: 16 };
}

/** What a segment holds by name: what is in the file, and the zeros behind it. */
export function sectionsOf(
  segment: Segment & { offset: number },
  areas: readonly Area[],
  alignment: number,
): Section[] {
  const { address, size, flags, contents, offset } = segment;
  const kind = flags & PF_X ? "text" : flags & PF_W ? "data" : "rodata";
  const permissions = SHF_ALLOC | (flags & PF_W ? SHF_WRITE : 0) | (flags & PF_X ? SHF_EXECINSTR : 0);
  const name = `.${nameOf(address, areas)}`;
  const rest = size - contents.length;
  const common = { flags: permissions, alignment };
  return [
    { ...common, name: `${name}.${kind}`, type: SHT_PROGBITS, address, offset, size: contents.length },
    {
      ...common,
      name: `${name}.bss`,
      type: SHT_NOBITS,
      address: address + contents.length,
      offset: offset + contents.length,
      size: rest,
    },
  ].filter(({ size }) => size > 0);
}

/**
 * The names of sections, and behind them their headers.
 * @param end where they go: behind the rest of the file.
 */
export function sectionTable(
  sections: readonly Section[],
  end: number,
): { headersAt: number; bytes: Buffer } {
  const names = ["", ...sections.map(({ name }) => name), ".shstrtab"].map((name) =>
    Buffer.from(`${name}\0`),
  );
  const strings = Buffer.concat(names);
  const headersAt = Math.ceil((end + strings.length) / 8) * 8;
  const all: Section[] = [
    { name: "", type: 0, flags: 0, address: 0, offset: 0, size: 0, alignment: 0 },
    ...sections,
    {
      name: ".shstrtab",
      type: SHT_STRTAB,
      flags: 0,
      address: 0,
      offset: end,
      size: strings.length,
      alignment: 1,
    },
  ];
  const table = Buffer.alloc(SECTION_HEADER * all.length);
  let nameAt = 0;
  all.forEach((section, i) => {
    const at = SECTION_HEADER * i;
    table.writeUInt32LE(nameAt, at);
    nameAt += names[i]!.length;
    table.writeUInt32LE(section.type, at + 4);
    // sh_flags, sh_addr, sh_offset, sh_size; sh_link and sh_info are 0; sh_addralign, sh_entsize.
    const { flags, address, offset, size, alignment } = section;
    [flags, address, offset, size, 0, alignment, 0].forEach((value, j) =>
      table.writeBigUInt64LE(BigInt(value), at + 8 + 8 * j),
    );
  });
  const bytes = Buffer.concat([strings, Buffer.alloc(headersAt - end - strings.length), table]);
  return { headersAt, bytes };
}
