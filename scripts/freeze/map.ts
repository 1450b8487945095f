/** The map of an executable: what lies where, for whoever looks for the address in a message. Pure. */

import { nameOf, type Area } from "./areas.ts";
import { PF_W, PF_X } from "./elf.ts";
import { Kind, type Piece, type Segment } from "./layout.ts";

/** How a piece is called that is put in its place when it is missed. */
const kinds = {
  [Kind.Zero]: "zeros, when missed",
  [Kind.Code]: "moved, when missed",
  [Kind.State]: "moved, when missed",
  [Kind.Packed]: "unpacked, when missed",
};

/** @returns a line a range: addresses, protection, how it gets there, the name of what it is. */
export function mapOf(
  segments: readonly Segment[],
  pieces: readonly Piece[],
  areas: readonly Area[],
): string {
  const ranges = [
    ...segments.map(({ address, size, flags }) => ({
      start: address,
      end: address + size,
      flags,
      how: "mapped from the start",
    })),
    ...pieces.map(({ start, end, flags, kind }) => ({ start, end, flags, how: kinds[kind] })),
  ].toSorted((a, b) => a.start - b.start);
  const lines = ranges.map(({ start, end, flags, how }) => {
    const protection = `r${flags & PF_W ? "w" : "-"}${flags & PF_X ? "x" : "-"}`;
    return `${hexadecimal(start)}-${hexadecimal(end)} ${protection} ${how.padEnd(21)} ${nameOf(start, areas)}\n`;
  });
  return lines.join("");
}

function hexadecimal(address: number): string {
  return address.toString(16).padStart(8, "0");
}
