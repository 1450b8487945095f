import { expect, test } from "bun:test";
import { AddressSpace, alignDown, alignUp } from "../../scripts/freeze/address-space.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const START = 0x123456;

test("aligning", () => {
  expect([alignUp(0, 16), alignUp(1, 16), alignUp(16, 16)]).toEqual([0, 16, 16]);
  expect([alignDown(0, 16), alignDown(15, 16), alignDown(16, 16)]).toEqual([0, 0, 16]);
});

test.each([4 * KiB, 64 * KiB])(
  "what is given away is nobody else's, and aligned to pages of %d bytes",
  (pageSize) => {
    const space = new AddressSpace(START, pageSize);
    const sizes = [1, pageSize, 3 * pageSize + 1, 2 * MiB, MiB, 5 * MiB, 64 * MiB, 100, MiB - 1];
    const given = sizes.map((size) => ({ start: space.take(size), size }));
    const ascending = given.toSorted((a, b) => a.start - b.start);
    for (const [i, { start, size }] of ascending.entries()) {
      expect(start).toBeGreaterThanOrEqual(START);
      expect(start % pageSize).toBe(0);
      expect(start + size).toBeLessThanOrEqual(ascending[i + 1]?.start ?? space.end);
    }
  },
);

test("what is large is aligned to a large page, or to its own size", () => {
  const space = new AddressSpace(START, 4096);
  for (const [size, alignment] of [
    [2 * MiB, 2 * MiB],
    [5 * MiB, 4 * MiB],
    [64 * MiB, 64 * MiB],
    [200 * MiB, 64 * MiB],
  ] as const) {
    expect(space.take(size) % alignment).toBe(0);
  }
});

test("the same requests get the same addresses, and what is released is given away again", () => {
  const requests = [4096, 3 * MiB, 8192, 70 * MiB];
  const [one, other] = [new AddressSpace(START, 4096), new AddressSpace(START, 4096)];
  const addresses = requests.map((size) => one.take(size));
  expect(requests.map((size) => other.take(size))).toEqual(addresses);
  const mark = one.mark();
  const again = [one.take(4096), one.take(2 * MiB)];
  expect(one.release(mark).every(({ start, end }) => end > start)).toBe(true);
  expect([one.take(4096), one.take(2 * MiB)]).toEqual(again);
});

test("more small mappings than there is room for are refused", () => {
  const space = new AddressSpace(START, 4096);
  expect(() => {
    for (let i = 0; i < 1000; i++) space.take(MiB - 1);
  }).toThrow("no room left for small mappings");
});
