/** From memory to segments. Pure. Addresses and sizes in bytes. */

import { PF_W } from "./elf.ts";

/** A range of memory with one protection. */
export interface Region {
  readonly address: number;
  readonly bytes: Buffer;
  /** PF_R, PF_W, PF_X. */
  readonly flags: number;
}

/** What is mapped by one program header: the first bytes from the file, zeros behind them. */
export interface Segment {
  readonly address: number;
  readonly size: number;
  readonly flags: number;
  readonly contents: Buffer;
}

export interface LayoutOptions {
  readonly pageSize: number;
  /** The most segments that there may be. Each costs time at every start. */
  readonly segments: number;
  /** How much zero memory is left behind what was used of a writable region, for it to grow into. */
  readonly room: number;
}

/** A segment to be: what is in the file lies from `start` to `end` in the region. */
interface Run {
  readonly region: Region;
  start: number;
  end: number;
}

/**
 * Lay memory out in segments: page-disjoint, ascending. Zeros that can be written are left out of the file
 * where that costs no more segments than there may be.
 * @throws Error when even the regions themselves are too many.
 */
export function layout(regions: readonly Region[], options: LayoutOptions): Segment[] {
  const runs = regions.flatMap((region) => runsOf(region, options.pageSize));
  join(runs, options.segments);
  return runs.map(({ region, start, end }, i) => {
    const next = runs[i + 1];
    const limit = next?.region === region ? next.start : Math.min(region.bytes.length, end + options.room);
    return {
      address: region.address + start,
      size: (region.flags & PF_W ? limit : end) - start,
      flags: region.flags,
      contents: region.bytes.subarray(start, end),
    };
  });
}

/** All of what is only read; of what can be written, the parts that have anything but zeros. */
function runsOf(region: Region, pageSize: number): Run[] {
  const { bytes, flags } = region;
  if (!(flags & PF_W)) return [{ region, start: 0, end: bytes.length }];
  const zeros = Buffer.alloc(pageSize);
  // Zeros at the beginning are a run of no bytes in the file, as are zeros that are all there is.
  const runs: Run[] = [{ region, start: 0, end: 0 }];
  for (let at = 0; at < bytes.length; at += pageSize) {
    if (bytes.compare(zeros, 0, pageSize, at, at + pageSize) === 0) continue;
    const last = runs.at(-1);
    if (last?.end === at) last.end += pageSize;
    else runs.push({ region, start: at, end: at + pageSize });
  }
  return runs;
}

/** Close the smallest gaps between runs of a region until there are at most `limit` runs. */
function join(runs: Run[], limit: number): void {
  const gaps = runs
    .map((run, i) => ({ run, before: runs[i - 1]! }))
    .filter(({ run, before }) => before?.region === run.region)
    .sort((a, b) => a.run.start - a.before.end - (b.run.start - b.before.end));
  const excess = runs.length - limit;
  if (excess > gaps.length) {
    throw new Error(`memory has ${runs.length - gaps.length} parts, which are to be in ${limit} segments`);
  }
  const closed = new Set(gaps.slice(0, Math.max(0, excess)).map(({ run }) => run));
  // From the back, so that what a run took in goes along when it is taken in itself.
  for (let i = runs.length - 1; i > 0; i--) {
    if (!closed.has(runs[i]!)) continue;
    runs[i - 1]!.end = runs[i]!.end;
    runs.splice(i, 1);
  }
}
