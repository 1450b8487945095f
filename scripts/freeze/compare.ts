/**
 * Usage: bun scripts/freeze/compare.ts FILE FILE
 *
 * Names the pages in which two frozen executables differ, a line each: the address, what lies there, how many
 * bytes differ, and the first of them in both. Exits 1 where there are any.
 */

import { readFileSync } from "node:fs";
import { readProgram, sectionAt, type Program } from "./elf.ts";
import { PAGE } from "./pages.ts";

/** The pages of the segments, by address. */
function pagesOf({ segments, bytes }: Program): Map<number, Buffer> {
  const pages = new Map<number, Buffer>();
  for (const { address, offset, fileSize } of segments) {
    for (let at = 0; at < fileSize; at += PAGE) {
      pages.set(address + at, bytes.subarray(offset + at, offset + Math.min(at + PAGE, fileSize)));
    }
  }
  return pages;
}

/** @returns a line for each page that is not the same in both files. */
export function differences(first: Buffer, second: Buffer): string[] {
  const [one, other] = [first, second].map((bytes) => readProgram(bytes)) as [Program, Program];
  const [pages, others] = [pagesOf(one), pagesOf(other)];
  const addresses = [...new Set([...pages.keys(), ...others.keys()])].sort((a, b) => a - b);
  return addresses.flatMap((address) => {
    const [page, counterpart] = [pages.get(address), others.get(address)];
    const where = `${address.toString(16)} ${sectionAt(page ? one : other, address) ?? "?"}`;
    if (!page || !counterpart) return [`${where}: in the ${page ? "first" : "second"} file alone`];
    const differing = [...page.keys()].filter((i) => page[i] !== counterpart[i]);
    const at = differing[0];
    if (at === undefined) return [];
    const [here, there] = [page, counterpart].map((bytes) => bytes.toString("hex", at & ~7, (at & ~7) + 16));
    return [`${where}: ${differing.length} bytes, at +${(at & ~7).toString(16)} ${here} and ${there}`];
  });
}

if (import.meta.main) {
  const [first, second] = process.argv.slice(2);
  if (first === undefined || second === undefined) {
    console.error("usage: bun scripts/freeze/compare.ts FILE FILE");
    process.exit(100);
  }
  const lines = differences(readFileSync(first), readFileSync(second));
  for (const line of lines) console.log(line);
  process.exitCode = lines.length > 0 ? 1 : 0;
}
