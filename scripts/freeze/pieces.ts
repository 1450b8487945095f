/** The pieces of a layout as the handler of the entry code finds them: stores, and a table. Pure. */

import { PF_R, PF_W, PF_X } from "./elf.ts";
import { Kind, type Piece } from "./layout.ts";
import { PROT_EXEC, PROT_READ, PROT_WRITE } from "./linux.ts";
import { compress } from "./lz4.ts";
import { PAGE } from "./pages.ts";

export interface Stores {
  /** Pages to be moved, one behind the other: what can be executed, and what can be written. */
  readonly code: Buffer;
  readonly state: Buffer;
  /** LZ4 blocks, one behind the other. */
  readonly packed: Buffer;
  /** The table: see entry-x64.s. */
  readonly table: Buffer;
}

/** The size of a row of the table, in bytes. */
const ROW = 12;

/** Bytes, one lot behind the other. */
class Store {
  readonly #lots: Buffer[] = [];
  #size = 0;

  /** @returns the offset of the bytes. */
  add(bytes: Buffer): number {
    this.#lots.push(bytes);
    this.#size += bytes.length;
    return this.#size - bytes.length;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#lots);
  }
}

export function store(pieces: readonly Piece[]): Stores {
  const [code, state, packed] = [new Store(), new Store(), new Store()];
  const table = Buffer.alloc(ROW * pieces.length);
  pieces.forEach((piece, i) => {
    const row = table.subarray(ROW * i);
    row.writeUInt32LE(piece.start / PAGE, 0);
    row.writeUInt32LE(sourceOf(piece), 4);
    row.writeUInt16LE((piece.end - piece.start) / PAGE, 8);
    row.writeUInt8(piece.kind, 10);
    row.writeUInt8(protection(piece.flags), 11);
  });
  return { code: code.bytes, state: state.bytes, packed: packed.bytes, table };

  function sourceOf(piece: Piece): number {
    if (piece.kind === Kind.Zero) return 0;
    const { contents } = piece;
    if (piece.kind === Kind.Code) return code.add(contents) / PAGE;
    if (piece.kind === Kind.State) return state.add(contents) / PAGE;
    return packed.add(compress(contents));
  }
}

export function protection(flags: number): number {
  return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
}
