/** LZ4 blocks: lz4_Block_format.md of lz4/lz4. Compression only, as small as it gets; the entry code has the rest. Pure. */

/** The shortest match, and what must be left as literals at the end of a block, in bytes. */
const MIN_MATCH = 4;
const LAST_LITERALS = 5;
/** The last match begins at least so far in front of the end. */
const MATCH_LIMIT = 12;
const MAX_DISTANCE = 65_535;
/** How many earlier places with the same beginning are looked at. */
const CHAIN = 64;
/** A match that is this long is taken whole. */
const LONG_MATCH = 64;
const HASH_BITS = 16;

/** How many bytes it takes to say a length: 15 of it are said in the token. */
const lengthSize = (length: number) => (length < 15 ? 0 : 1 + Math.floor((length - 15) / 255));

/** The longest match at each place, by chains of places that begin alike. */
function findMatches(input: Buffer): { lengths: Int32Array; distances: Int32Array } {
  const lengths = new Int32Array(input.length);
  const distances = new Int32Array(input.length);
  const heads = new Int32Array(1 << HASH_BITS).fill(-1);
  const previous = new Int32Array(input.length);
  for (let at = 0; at + MATCH_LIMIT <= input.length; at++) {
    const hash = Math.imul(input.readUInt32LE(at), 2654435761) >>> (32 - HASH_BITS);
    const limit = input.length - LAST_LITERALS - at;
    // Within a long match, what is left of it will do.
    const rest = at > 0 ? lengths[at - 1]! - 1 : 0;
    let longest = MIN_MATCH - 1;
    if (rest >= LONG_MATCH) {
      longest = lengths[at] = rest;
      distances[at] = distances[at - 1]!;
    }
    let candidate = heads[hash]!;
    for (
      let tries = 0;
      longest < LONG_MATCH && candidate >= 0 && at - candidate <= MAX_DISTANCE && tries < CHAIN;
      tries++
    ) {
      let length = 0;
      if (input[candidate + longest] === input[at + longest]) {
        while (length < limit && input[candidate + length] === input[at + length]) length++;
      }
      if (length > longest) {
        longest = lengths[at] = length;
        distances[at] = at - candidate;
      }
      candidate = previous[candidate]!;
    }
    previous[at] = heads[hash]!;
    heads[hash] = at;
  }
  return { lengths, distances };
}

/** Compress a block of at most 64 KiB: the cheapest way from each place to the end is found from the back. */
export function compress(input: Buffer): Buffer {
  const { lengths, distances } = findMatches(input);
  const { length } = input;
  // What it costs from a place on, where a sequence begins there; literals are counted up to the next match.
  const cost = new Float64Array(length + 1);
  const step = new Int32Array(length + 1);
  const run = new Int32Array(length + 2);
  for (let at = length - 1; at >= 0; at--) {
    const literals = run[at + 1]! + 1;
    cost[at] = cost[at + 1]! + 1 + lengthSize(literals) - lengthSize(literals - 1);
    step[at] = 1;
    run[at] = literals;
    const longest = lengths[at]!;
    for (let taken = longest; taken >= MIN_MATCH && (taken === longest || longest < LONG_MATCH); taken--) {
      const price = 3 + lengthSize(taken - MIN_MATCH) + cost[at + taken]!;
      if (price >= cost[at]!) continue;
      cost[at] = price;
      step[at] = taken;
      run[at] = 0;
    }
  }
  const output: number[] = [];
  const say = (size: number) => {
    for (let left = size - 15; left >= 0; left -= 255) output.push(Math.min(left, 255));
  };
  let literalsAt = 0;
  for (let at = 0; at < length;) {
    const taken = step[at]!;
    if (taken === 1) {
      at++;
      continue;
    }
    const literals = at - literalsAt;
    const extra = taken - MIN_MATCH;
    output.push((Math.min(literals, 15) << 4) | Math.min(extra, 15));
    say(literals);
    for (let i = literalsAt; i < at; i++) output.push(input[i]!);
    const distance = distances[at]!;
    output.push(distance & 0xff, distance >> 8);
    say(extra);
    at += taken;
    literalsAt = at;
  }
  const literals = length - literalsAt;
  output.push(Math.min(literals, 15) << 4);
  say(literals);
  for (let i = literalsAt; i < length; i++) output.push(input[i]!);
  return Buffer.from(output);
}
