/**
 * Which pages are mapped from the start, which are put in their place when they are missed, and which are left
 * out. Pure. Addresses and sizes in bytes.
 */

import { alignDown } from "./address-space.ts";
import { PF_R, PF_W, PF_X } from "./elf.ts";
import { isZero, Pages, type Run } from "./pages.ts";

/** What is mapped by one program header: the first bytes from the file, zeros behind them. */
export interface Segment {
  readonly address: number;
  readonly size: number;
  readonly flags: number;
  readonly contents: Buffer;
}

/** How a piece of memory gets in its place: see the handler in the entry code. */
export enum Kind {
  /** Zeros, of which only some pages are mapped at a time. */
  Zero,
  /** Moved from the store of what can be executed, or from that of what can be written. */
  Code,
  State,
  /** Unpacked from LZ4. */
  Packed,
}

/** Memory that is put in its place when a page of it is missed. */
export interface Piece extends Run {
  readonly kind: Kind;
  /** PF_R, PF_W, PF_X. */
  readonly flags: number;
  /** What will be there; nothing, where it is zeros. */
  readonly contents: Buffer;
}

export interface Layout {
  readonly segments: readonly Segment[];
  readonly pieces: readonly Piece[];
}

/** Pages by what is known of them. */
export interface Known {
  /** What is mapped from the start: what most runs touch, and what the kernel may touch first. */
  readonly mapped: ReadonlySet<number>;
  /** What any rehearsal touched. */
  readonly touched: ReadonlySet<number>;
  /** What of that is in the file as it is, to be moved: the rest of it is packed. */
  readonly raw: ReadonlySet<number>;
  /** What is kept, packed, whether touched or not. */
  readonly kept: (page: number) => boolean;
}

export interface LayoutOptions {
  /** What segments and pieces consist of, in bytes: the size of a page, or of several, of which some may be left out. */
  readonly pageSize?: number;
  /** The most segments that there may be. Each costs time at every start. */
  readonly segments: number;
  /** How much of code and constants is kept on either side of a page that was touched, in bytes. */
  readonly margin: number;
  /** What stands in the place of code that is left out, but lies between what is mapped. */
  readonly filler: Buffer;
}

/** Gaps between touched pages that are closed, so that there are fewer pieces; the size of a packed one. In bytes. */
const PIECE_GAP = 4096;
const PACKED_PIECE = 65_536;
/** Zeros at the beginning of a segment that are worth another one, in bytes. */
const ZEROS = 131_072;

/** @throws Error where there may be fewer segments than it takes. */
export function layout(parts: Pages, known: Known, options: LayoutOptions): Layout {
  const pages = parts.in(options.pageSize ?? parts.pageSize);
  const { pageSize } = pages;
  const whole = (some: Iterable<number>) => new Set([...some].map((part) => alignDown(part, pageSize)));
  const margin = new Set<number>();
  for (const part of known.touched) {
    if (parts.isWritable(part)) continue;
    const near = alignDown(options.margin, parts.pageSize);
    for (let at = part - near; at <= part + near; at += parts.pageSize) margin.add(at);
  }
  const [mapped, moved, besides] = [known.mapped, known.raw, margin].map(whole) as [
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const isKept = (page: number) => pages.isWritable(page) || besides.has(page) || known.kept(page);
  const isLeftOut = (part: number) => parts.isCode(part) && !margin.has(part) && !known.kept(part);
  const contentsOf = (run: Run) => parts.contents(run, isLeftOut, options.filler);
  const runs = cover(pages, mapped, options.segments).flatMap((run) => splitZeros(pages, run));
  const covered = new Set(runs.flatMap((run) => [...pages.of(run)]));
  const segments = runs.map((run) => {
    const contents = contentsOf(run);
    return {
      address: run.start,
      size: run.end - run.start,
      flags: flagsOf(pages, run),
      contents: pages.isWritable(run.start) ? withoutZeros(contents, pageSize) : contents,
    };
  });

  const left = [...pages].filter((page) => !covered.has(page));
  const isBlank = (page: number) => pages.isWritable(page) && pages.isZero(page);
  const raw = left.filter((page) => moved.has(page) && !isBlank(page));
  const pieces: Piece[] = [];
  const placed = new Set<number>();
  const add = (run: Run, kind: Kind, flags: number) => {
    pieces.push({ ...run, kind, flags, contents: kind === Kind.Zero ? Buffer.alloc(0) : contentsOf(run) });
    for (const page of pages.of(run)) placed.add(page);
  };
  const near = (page: number, next: number) =>
    next - page <= PIECE_GAP + pageSize &&
    pages.isWritable(page) === pages.isWritable(next) &&
    [...pages.of({ start: page, end: next })].every(
      (between) =>
        pages.has(between) && !covered.has(between) && pages.isWritable(between) === pages.isWritable(page),
    );
  for (const run of pages.runs(raw, near)) {
    const state = pages.isWritable(run.start);
    add(run, state ? Kind.State : Kind.Code, state ? PF_R | PF_W : PF_R | PF_X);
  }
  const continues = (page: number, next: number) => pages.continues(page, next);
  const rest = left.filter((page) => !placed.has(page) && isKept(page));
  for (const run of pages.runs(rest.filter(isBlank), continues)) add(run, Kind.Zero, PF_R | PF_W);
  for (const run of pages.runs(
    rest.filter((page) => !isBlank(page)),
    continues,
    PACKED_PIECE,
  )) {
    add(run, Kind.Packed, pages.flags(run.start));
  }
  return { segments, pieces: pieces.toSorted((a, b) => a.start - b.start) };
}

/** What begins with many zeros, like a stack, becomes zeros that are not in the file, and the rest. */
function splitZeros(pages: Pages, { start, end }: Run): Run[] {
  let first = start;
  while (first < end && pages.isWritable(first) && pages.isZero(first)) first += pages.pageSize;
  if (first - start < ZEROS || first === end) return [{ start, end }];
  return [
    { start, end: first },
    { start: first, end },
  ];
}

/** Bytes without the pages of zeros at their end, which the kernel makes. */
function withoutZeros(bytes: Buffer, pageSize: number): Buffer {
  let end = bytes.length;
  while (end > 0 && isZero(bytes, end - pageSize, end)) end -= pageSize;
  return bytes.subarray(0, end);
}

/** What can be executed may hold constants, too. */
function flagsOf(pages: Pages, run: Run): number {
  let flags = 0;
  for (const page of pages.of(run)) flags |= pages.flags(page);
  return flags;
}

/** Ranges that hold all of `wanted`, at most `limit`: the smallest gaps between them are taken in. */
function cover(pages: Pages, wanted: ReadonlySet<number>, limit: number): Run[] {
  const { pageSize } = pages;
  const alike = (page: number, next: number) => {
    if (pages.isWritable(page) !== pages.isWritable(next)) return false;
    for (let at = page; at < next; at += pageSize) {
      if (!pages.has(at) || pages.isWritable(at) !== pages.isWritable(page)) return false;
    }
    return true;
  };
  const single = pages.runs(wanted, (page, next) => next === page + pageSize && alike(page, next));
  const gaps = single
    .slice(1)
    .map((run, i) => ({ run, before: single[i]! }))
    .filter(({ run, before }) => alike(before.end - pageSize, run.start))
    .sort((a, b) => a.run.start - a.before.end - (b.run.start - b.before.end));
  const excess = Math.max(0, single.length - limit);
  if (excess > gaps.length) {
    throw new Error(`memory has ${single.length - gaps.length} parts, which are to be in ${limit} segments`);
  }
  const taken = new Set(gaps.slice(0, excess).map(({ run }) => run));
  const joined: { start: number; end: number }[] = [];
  for (const run of single) {
    if (taken.has(run)) joined.at(-1)!.end = run.end;
    else joined.push({ ...run });
  }
  return joined;
}
