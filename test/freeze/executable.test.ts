/** What is written is what binutils, and our own reader, read. */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../../scripts/freeze/compare.ts";
import { PF_R, PF_W, PF_X, readProgram, sectionAt } from "../../scripts/freeze/elf.ts";
import { entryOffset, writeExecutable, type Executable } from "../../scripts/freeze/executable.ts";
import { ok, run, scratch, testWith } from "../support/harness.ts";

const ADDRESS = 0x10000;
const buildId = Buffer.from(Array.from({ length: 20 }, (_, i) => i));

/** exit_group(42), whatever the rest is. */
const codes = {
  // mov edi,42; mov eax,231; syscall
  x64: { machine: 62, entry: Buffer.from("bf2a000000b8e70000000f05", "hex") },
  // mov x0,#42; mov x8,#94; svc #0
  arm64: { machine: 183, entry: Buffer.from("400580d2c80b80d2010000d4", "hex") },
};

const segments = [
  { address: 0x200000, size: 0x3000, flags: PF_R | PF_X, contents: Buffer.alloc(0x2345, 1) },
  { address: 0x300000, size: 0x20000, flags: PF_R | PF_W, contents: Buffer.alloc(0x1000, 2) },
  { address: 0x400000, size: 0x10000, flags: PF_R | PF_W, contents: Buffer.alloc(0) },
  { address: 0x500000, size: 0x1234, flags: PF_R, contents: Buffer.alloc(0x1234, 3) },
];
const parts: Executable = {
  ...codes[process.arch as keyof typeof codes],
  pageSize: 65_536,
  address: ADDRESS,
  segments,
  areas: [
    { start: 0x200000, end: 0x600000, name: "all" },
    { start: 0x300000, end: 0x400000, name: "heap" },
  ],
  buildId,
};
const bytes = writeExecutable(parts);
const file = join(scratch(), "executable");
writeFileSync(file, bytes, { mode: 0o755 });

test("our own reader finds the same segments, and the entry code", () => {
  const { entry, interpreter, segments: found } = readProgram(bytes);
  expect([entry, interpreter]).toEqual([ADDRESS + entryOffset(segments.length), undefined]);
  const place = ({ address, size, flags }: { address: number; size: number; flags: number }) => ({
    address,
    size,
    flags,
  });
  expect(found.slice(1).map(place)).toEqual(segments.map(place));
  for (const [i, { offset, fileSize, address }] of found.slice(1).entries()) {
    expect(bytes.subarray(offset, offset + fileSize).equals(segments[i]!.contents)).toBe(true);
    if (fileSize > 0) expect(offset % parts.pageSize).toBe(address % parts.pageSize);
  }
  expect(bytes.subarray(entryOffset(segments.length)).indexOf(parts.entry)).toBe(0);
});

test("sections have the name of the last area that covers them", () => {
  const program = readProgram(bytes);
  const addresses = [0x200000, 0x300000, 0x301000, 0x400000, 0x500000, 0x700000];
  expect(addresses.map((address) => sectionAt(program, address))).toEqual([
    ".all.text",
    ".heap.data",
    ".heap.bss",
    ".all.bss",
    ".all.rodata",
    undefined,
  ]);
});

testWith(["readelf"], "readelf reads it without a warning", async () => {
  const { exit, stdout, stderr } = await run(["readelf", "-aW", file]);
  expect([exit, stderr]).toEqual([0, ""]);
  expect(stdout).toContain(`Build ID: ${buildId.toString("hex")}`);
  expect(stdout).toMatch(/LOAD +0x\w+ 0x0*300000 0x0*300000 0x0*1000 0x0*20000 RW /);
  expect(stdout).toMatch(/GNU_STACK .* RW /);
});

test("the kernel runs it", async () => {
  expect(await run([file])).toEqual({ ...ok(), exit: 42 });
});

test("differences are named by page and section", () => {
  const other = Buffer.from(bytes);
  expect(differences(bytes, other)).toEqual([]);
  const { offset } = readProgram(bytes).segments[2]!;
  other[offset + 17] = 0xff;
  expect(differences(bytes, other)).toEqual([
    "300000 .heap.data: 1 bytes, at +10 02020202020202020202020202020202 and 02ff0202020202020202020202020202",
  ]);
});

test("what is no program for this kind of machine is refused", () => {
  expect(() => readProgram(Buffer.from("#!/bin/sh\n".padEnd(64)))).toThrow("not an ELF file");
  const narrow = Buffer.from(bytes);
  narrow[4] = 1;
  expect(() => readProgram(narrow)).toThrow("not an ELF file for a 64-bit little-endian machine");
});
