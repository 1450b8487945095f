import { describe, expect, test } from "bun:test";
import { PF_R, PF_W, PF_X } from "../../scripts/freeze/elf.ts";
import { Kind, layout, type Known, type LayoutOptions } from "../../scripts/freeze/layout.ts";
import { Pages } from "../../scripts/freeze/pages.ts";

const PAGE = 4096;
const CODE = 0x100000;
const STATE = 0x200000;

/** A region of pages, each filled with a number; 0 is a page of zeros. */
const region = (address: number, flags: number, fills: readonly number[]) => ({
  address,
  flags,
  bytes: Buffer.concat(fills.map((fill) => Buffer.alloc(PAGE, fill))),
});

/** Twenty pages of code; and of state, of which the second half is zeros. */
const twenty = Array.from({ length: 20 }, (_, i) => i + 1);
const halfZeros = twenty.map((i) => (i > 10 ? 0 : i));
const pages = new Pages([region(CODE, PF_R | PF_X, twenty), region(STATE, PF_R | PF_W, halfZeros)], PAGE);
const code = (...indices: number[]) => indices.map((i) => CODE + i * PAGE);
const state = (...indices: number[]) => indices.map((i) => STATE + i * PAGE);

/** @param raw what some runs touch, in the file as it is; `packed` is what others do. */
const known = (mapped: number[], raw: number[] = [], packed: number[] = []): Known => ({
  mapped: new Set(mapped),
  touched: new Set([...mapped, ...raw, ...packed]),
  raw: new Set(raw),
  kept: () => false,
});
const filler = Buffer.of(0xcc);
const options: LayoutOptions = { segments: 10, margin: PAGE, filler };

/** Where a layout puts a page. */
function placeOf(page: number, made: ReturnType<typeof layout>): string {
  const mapped = made.segments.filter(({ address, size }) => address <= page && page < address + size);
  const served = made.pieces.filter(({ start, end }) => start <= page && page < end);
  expect(mapped.length + served.length).toBeLessThanOrEqual(1);
  return mapped[0] ? "mapped" : served[0] ? Kind[served[0].kind]! : "left out";
}

describe("layout", () => {
  const knowledge = known([...code(2), ...state(1)], [...code(9), ...state(5, 15)], code(17));
  const made = layout(pages, knowledge, options);

  test.each<[string, number[], string]>([
    ["what most runs touch is mapped", [...code(2), ...state(1)], "mapped"],
    ["code that some run touched is moved in", code(9), "Code"],
    ["state that some run touched is moved in", state(5), "State"],
    ["code that may be touched by others is packed", code(17), "Packed"],
    ["what surrounds touched code is packed", code(1, 3, 8, 10, 16, 18), "Packed"],
    ["code that nothing touched is left out", code(0, 5, 14, 19), "left out"],
    ["state is kept, whatever touched it", state(0, 9), "Packed"],
    ["zeros of state are made when they are missed", state(10, 15, 19), "Zero"],
  ])("%s", (_, where, place) => {
    expect(where.map((page) => placeOf(page, made))).toEqual(where.map(() => place));
  });

  test("pieces and segments ascend", () => {
    const starts = made.pieces.map(({ start }) => start);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    const addresses = made.segments.map(({ address }) => address);
    expect(addresses).toEqual(addresses.toSorted((a, b) => a - b));
  });

  test("a library is kept, packed, whether anything touched it or not", () => {
    const library = layout(pages, { ...known(code(2)), kept: (page) => page < STATE }, options);
    expect(code(0, 5, 19).map((page) => placeOf(page, library))).toEqual(["Packed", "Packed", "Packed"]);
  });
});

describe("fewer segments than runs of mapped pages", () => {
  const mapped = code(0, 3, 10, 12);

  test("the smallest gaps are taken in", () => {
    const made = layout(pages, known(mapped), { segments: 2, margin: 0, filler });
    expect(made.segments.map(({ address, size }) => [(address - CODE) / PAGE, size / PAGE])).toEqual([
      [0, 4],
      [10, 3],
    ]);
  });
  test("code that is taken in and that no run needs is filled with traps", () => {
    const first = layout(pages, known(mapped), { segments: 2, margin: 0, filler }).segments[0]!;
    expect([...new Set(first.contents.subarray(PAGE, 3 * PAGE))]).toEqual([0xcc]);
    expect([first.contents[0], first.contents[3 * PAGE]]).toEqual([1, 4]);
  });
  test("code and state do not share one: that is refused", () => {
    expect(() => layout(pages, known([...mapped, ...state(0)]), { segments: 1, margin: 0, filler })).toThrow(
      "memory has 2 parts, which are to be in 1 segments",
    );
  });
});

test("zeros at the end of a segment are not in the file", () => {
  const { segments } = layout(pages, known(state(8, 9, 10, 11)), options);
  expect(segments.map(({ size, contents }) => [size / PAGE, contents.length / PAGE])).toEqual([[4, 2]]);
});
