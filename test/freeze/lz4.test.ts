import { expect, test } from "bun:test";
import { compress } from "../../scripts/freeze/lz4.ts";

/** Decompression, as lz4_Block_format.md has it. */
function decompress(block: Buffer): Buffer {
  const output: number[] = [];
  let at = 0;
  const length = (short: number) => {
    let total = short;
    if (short < 15) return total;
    for (let more = 255; more === 255; total += more) more = block[at++]!;
    return total;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = length(token >> 4);
    output.push(...block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) break;
    const distance = block.readUInt16LE(at);
    at += 2;
    expect(distance).toBeWithin(1, output.length + 1);
    for (let left = length(token & 15) + 4; left > 0; left--) output.push(output.at(-distance)!);
  }
  return Buffer.from(output);
}

/** Numbers from 0 up to `limit`, always the same ones for a seed: a linear congruential generator. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const zeros = Buffer.alloc(65_536);
const text = Buffer.from("all work and no play makes a dull process; ".repeat(1000));
const ends = Buffer.from("a beginning");

test.each<[string, Buffer]>([
  ["one byte", Buffer.of(1)],
  ["what is too short for a match", Buffer.alloc(12, 7)],
  ["zeros", zeros],
  ["text", text],
  ["all bytes", Buffer.from(Array.from({ length: 4096 }, (_, i) => i & 0xff))],
  ["a match at the largest distance", Buffer.concat([ends, zeros.subarray(0, 65_510), ends])],
])("%s comes back", (_, bytes) => {
  expect(decompress(compress(bytes)).equals(bytes)).toBe(true);
});

test("what repeats becomes small", () => {
  expect(compress(zeros).length).toBeLessThan(300);
  expect(compress(text).length).toBeLessThan(300);
});

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 32);

test(`random bytes of all kinds come back (SEED=${seed})`, () => {
  const number = random(seed);
  for (let round = 0; round < 200; round++) {
    const letters = 1 + number(round % 2 ? 4 : 256);
    const bytes = Buffer.from(Array.from({ length: 1 + number(3000) }, () => number(letters)));
    for (let copies = number(20); copies > 0; copies--) {
      bytes.copyWithin(number(bytes.length), number(bytes.length), number(bytes.length));
    }
    expect(decompress(compress(bytes)).equals(bytes)).toBe(true);
  }
});
