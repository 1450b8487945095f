/**
 * The little of ELF64 that sealing needs: segments, sections, dynamic symbols
 * with their versions, and relocations, read and changed in place. See elf(5).
 */

const EI_CLASS = 4;
const ELFCLASS64 = 2;
const EI_DATA = 5;
const ELFDATA2LSB = 1;
const ET_EXEC = 2;
/** Offsets in Elf64_Ehdr. */
const ehdr = { type: 16, machine: 18, phoff: 32, shoff: 40, phnum: 56, shnum: 60, shstrndx: 62 };
const PHDR_SIZE = 56;
const SHDR_SIZE = 64;
const SYM_SIZE = 24;
const RELA_SIZE = 24;

/** e_machine of the architectures we build for (elf.h), by Bun's name for them. */
const machines = { 62: "x64", 183: "arm64" } as const;

/** The relocation types used here (the x86-64 and AArch64 psABI). */
export const relocations = {
  x64: { copy: 5, globDat: 6, relative: 8 },
  arm64: { copy: 1024, globDat: 1025, relative: 1027 },
} as const;

export type Architecture = keyof typeof relocations;

/** `p_type`. */
export const PT_LOAD = 1;
export const PT_NOTE = 4;

/** An entry of the program header table: what the kernel maps where. Assigning to a field changes the image. */
export class Segment {
  constructor(private readonly entry: Buffer) {}

  /** `p_type`. */
  get type(): number {
    return this.entry.readUInt32LE(0);
  }

  /** `p_vaddr`. */
  get address(): number {
    return Number(this.entry.readBigUInt64LE(16));
  }

  /** `p_align`: file offset and address are the same modulo this. */
  get align(): number {
    return Number(this.entry.readBigUInt64LE(48));
  }

  /** `p_offset`. */
  get offset(): number {
    return Number(this.entry.readBigUInt64LE(8));
  }

  /** `p_memsz`, in bytes. */
  get memorySize(): number {
    return Number(this.entry.readBigUInt64LE(40));
  }

  /** Load `fileSize` bytes only, followed by zeros up to `memorySize`. */
  resize(fileSize: number, memorySize: number): void {
    this.entry.writeBigUInt64LE(BigInt(fileSize), 32);
    this.entry.writeBigUInt64LE(BigInt(memorySize), 40);
  }

  /** Become a segment like `other` of `size` bytes, from `offset` in the file to `address`. */
  become(other: Segment, offset: number, address: number, size: number): void {
    other.entry.copy(this.entry);
    this.entry.writeBigUInt64LE(BigInt(offset), 8);
    this.entry.writeBigUInt64LE(BigInt(address), 16);
    this.entry.writeBigUInt64LE(BigInt(address), 24);
    this.resize(size, size);
  }
}

/** A part of the file. */
export interface Section {
  readonly name: string;
  /** `sh_addr`: where it is loaded; 0 if it is not. */
  readonly address: number;
  /** `sh_offset`: where it is in the file. */
  readonly offset: number;
  /** A view, not a copy. */
  readonly bytes: Buffer;
  /** Its entry of the section header table. */
  readonly header: Buffer;
}

/** An entry of `.dynsym`. Assigning to a field changes the image. */
export class DynamicSymbol {
  constructor(
    private readonly entry: Buffer,
    private readonly names: Buffer,
    private readonly versionEntry: Buffer,
  ) {}

  /** `st_name`, resolved in `.dynstr`. */
  get name(): string {
    const start = this.entry.readUInt32LE(0);
    return this.names.toString("latin1", start, this.names.indexOf(0, start));
  }

  /** Whether another object has to define it (`st_shndx` is SHN_UNDEF). */
  get isImport(): boolean {
    return this.entry.readUInt16LE(6) === 0;
  }

  /** `st_value`, the address of a symbol that this image defines. */
  get address(): number {
    return Number(this.entry.readBigUInt64LE(8));
  }

  set address(value: number) {
    this.entry.writeBigUInt64LE(BigInt(value), 8);
  }

  /** `st_size`, in bytes. */
  get size(): number {
    return Number(this.entry.readBigUInt64LE(16));
  }

  /** Become a second import of what `other` imports, version included. */
  importAs(other: DynamicSymbol): void {
    other.entry.copy(this.entry, 0, 0, 4);
    other.versionEntry.copy(this.versionEntry);
  }

  /** Take the name away, so that no other object binds to this definition. */
  hide(): void {
    this.entry.writeUInt32LE(0, 0);
  }
}

/** An entry of `.rela.dyn`. */
export class Relocation {
  constructor(private readonly entry: Buffer) {}

  /** `r_offset`, the address that is relocated. */
  get address(): number {
    return Number(this.entry.readBigUInt64LE(0));
  }

  set address(value: number) {
    this.entry.writeBigUInt64LE(BigInt(value), 0);
  }

  get type(): number {
    return this.entry.readUInt32LE(8);
  }

  /** Index of the symbol in `.dynsym`. */
  get symbol(): number {
    return this.entry.readUInt32LE(12);
  }

  /** Make it "store `value`": a relative relocation of an image with a fixed base. */
  store(relativeType: number, value: number): void {
    this.entry.writeUInt32LE(relativeType, 8);
    this.entry.writeUInt32LE(0, 12);
    this.entry.writeBigInt64LE(BigInt(value), 16);
  }
}

/** A whole executable, of which the methods give parts to read and to change. */
export class ElfImage {
  readonly architecture: Architecture;
  readonly segments: readonly Segment[];
  /** In the order of the section header table, without its first entry, which is none. */
  readonly sections: readonly Section[];

  /** @param bytes a whole executable; changes are made in it. */
  constructor(bytes: Buffer) {
    if (bytes.toString("latin1", 0, 4) !== "\x7fELF") throw new Error("not an ELF file");
    if (bytes[EI_CLASS] !== ELFCLASS64 || bytes[EI_DATA] !== ELFDATA2LSB) {
      throw new Error("not a 64-bit little-endian ELF file");
    }
    if (bytes.readUInt16LE(ehdr.type) !== ET_EXEC)
      throw new Error("not an executable with a fixed base (ET_EXEC)");
    const machine = bytes.readUInt16LE(ehdr.machine);
    if (!(machine in machines)) throw new Error(`unknown machine ${machine}`);
    this.architecture = machines[machine as keyof typeof machines];

    const table = (field: number, count: number, size: number) => {
      const start = Number(bytes.readBigUInt64LE(field));
      return entries(bytes.subarray(start, start + bytes.readUInt16LE(count) * size), size);
    };
    this.segments = table(ehdr.phoff, ehdr.phnum, PHDR_SIZE).map((entry) => new Segment(entry));
    const headers = table(ehdr.shoff, ehdr.shnum, SHDR_SIZE);
    const contents = (header: Buffer) => {
      const offset = Number(header.readBigUInt64LE(24));
      return { offset, bytes: bytes.subarray(offset, offset + Number(header.readBigUInt64LE(32))) };
    };
    const named = headers[bytes.readUInt16LE(ehdr.shstrndx)];
    if (!named) throw new Error("no section names");
    const names = contents(named).bytes;
    this.sections = headers.slice(1).map((header) => {
      const start = header.readUInt32LE(0);
      const name = names.toString("latin1", start, names.indexOf(0, start));
      return { name, address: Number(header.readBigUInt64LE(16)), ...contents(header), header };
    });
  }

  /** @throws Error if there is no such section. */
  section(name: string): Section {
    const section = this.sections.find((section) => section.name === name);
    if (!section) throw new Error(`no section ${name}`);
    return section;
  }

  /** `.dynsym`, in its order: a relocation names a symbol by its index. */
  dynamicSymbols(): DynamicSymbol[] {
    const names = this.section(".dynstr").bytes;
    const versions = entries(this.section(".gnu.version").bytes, 2);
    return entries(this.section(".dynsym").bytes, SYM_SIZE).map((entry, i) => {
      const version = versions[i];
      if (!version) throw new Error(".gnu.version is shorter than .dynsym");
      return new DynamicSymbol(entry, names, version);
    });
  }

  /** `.rela.dyn`. */
  dynamicRelocations(): Relocation[] {
    return entries(this.section(".rela.dyn").bytes, RELA_SIZE).map((entry) => new Relocation(entry));
  }
}

/** A copy of the header of `section`, as that of `size` bytes at `offset`, loaded at `address`. */
export function sectionHeader({ header }: Section, address: number, offset: number, size: number): Buffer {
  const copy = Buffer.from(header);
  [address, offset, size].forEach((value, i) => copy.writeBigUInt64LE(BigInt(value), 16 + 8 * i));
  return copy;
}

/**
 * A section header table of `headers`, the last of which has the names.
 * @param elf begins with the ELF header, which is made to say that the table is at `offset`.
 */
export function sectionTable(elf: Buffer, offset: number, headers: readonly Buffer[]): Buffer {
  elf.writeBigUInt64LE(BigInt(offset), ehdr.shoff);
  elf.writeUInt16LE(headers.length + 1, ehdr.shnum);
  elf.writeUInt16LE(headers.length, ehdr.shstrndx);
  // The first entry of the table is none: all zeros.
  return Buffer.concat([Buffer.alloc(SHDR_SIZE), ...headers]);
}

/** `bytes` as views of `size` bytes each. */
function entries(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
