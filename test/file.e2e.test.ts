/** The form of the executable, as binutils read it: what a kernel, a loader or an emulator may ask of it. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { executable, run, testWith } from "./support/harness.ts";

const MiB = 2 ** 20;

/** A program header: elf(5). Addresses and sizes in bytes. */
interface Header {
  type: string;
  address: number;
  fileSize: number;
  size: number;
  /** R, W and E, as far as they are set. */
  flags: string;
  alignment: number;
}

async function readelf(...options: string[]): Promise<string> {
  const { exit, stdout, stderr } = await run(["readelf", "-W", ...options, executable]);
  expect([exit, stderr]).toEqual([0, ""]);
  return stdout;
}

async function headers(): Promise<Header[]> {
  const row = /^  ([A-Z_]+) +0x\w+ 0x(\w+) 0x\w+ 0x(\w+) 0x(\w+) ([RWE ]{3}) 0x(\w+)$/gm;
  return [...(await readelf("-l")).matchAll(row)].map(([, type = "", ...rest]) => {
    const [address = 0, fileSize = 0, size = 0] = rest.slice(0, 3).map((text) => parseInt(text, 16));
    return {
      type,
      address,
      fileSize,
      size,
      flags: rest[3]!.replaceAll(" ", ""),
      alignment: parseInt(rest[4]!, 16),
    };
  });
}

const loaded = async () => (await headers()).filter(({ type }) => type === "LOAD");

test("it is as small as it is said to be", () => {
  const file = readFileSync(executable);
  const [most, mostCompressed] = process.arch === "x64" ? [10_000_000, 3_000_000] : [12_000_000, 3_200_000];
  expect(file.length).toBeLessThanOrEqual(most);
  expect(Bun.gzipSync(file, { level: 9 }).length).toBeLessThanOrEqual(mostCompressed);
});

testWith(["readelf"], "it is static, for a fixed address", async () => {
  expect(await readelf("-h")).toMatch(/Type: +EXEC /);
  const types = new Set((await headers()).map(({ type }) => type));
  expect([...types].sort()).toEqual(["GNU_STACK", "LOAD", "NOTE"]);
});

testWith(["readelf"], "it has no more program headers than fit the page that old kernels read", async () => {
  const count = /Number of program headers: +(\d+)/.exec(await readelf("-h"))?.[1];
  expect(Number(count)).toBe((await headers()).length);
  expect(Number(count)).toBeLessThanOrEqual(73);
});

testWith(["readelf"], "its segments ascend, and no two share a page", async () => {
  const segments = await loaded();
  expect(segments.length).toBeGreaterThan(10);
  for (const [i, { address, size, fileSize, alignment }] of segments.entries()) {
    const next = segments[i + 1]?.address ?? Infinity;
    expect([i, size >= fileSize, address % alignment]).toEqual([i, true, 0]);
    expect(Math.ceil((address + size) / alignment) * alignment).toBeLessThanOrEqual(next);
  }
});

testWith(["readelf"], "nothing can be written and executed, the stack neither", async () => {
  const all = await headers();
  expect(all.filter(({ flags }) => flags.includes("W") && flags.includes("E"))).toEqual([]);
  expect(all.filter(({ type }) => type === "GNU_STACK").map(({ flags }) => flags)).toEqual(["RW"]);
});

testWith(["readelf"], "it lies where neither a kernel nor an emulator puts anything", async () => {
  const segments = await loaded();
  // linux/security.h: vm.mmap_min_addr is at most this, as distributions set it.
  expect(segments[0]!.address).toBeGreaterThanOrEqual(65_536);
  const { address, size } = segments.at(-1)!;
  expect(address + size).toBeLessThan(2 ** 32);
});

testWith(["readelf"], "its writable room is at most 32 MiB", async () => {
  const writable = (await loaded()).filter(({ flags }) => flags.includes("W"));
  expect(writable.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(32 * MiB);
});

testWith(
  ["readelf"],
  "its sections say what lies where, and its build ID is what --version says",
  async () => {
    const sections = [...(await readelf("-S")).matchAll(/^ +\[ *\d+\] (\.\S+)/gm)].map(([, name]) => name);
    for (const part of ["runtime", "libc", "heap", "stack"]) {
      expect(sections.filter((name) => name?.includes(part))).not.toEqual([]);
    }
    const buildId = /Build ID: (\w{40})/.exec(await readelf("-n"))?.[1];
    expect((await run([executable, "--version"])).stdout).toContain(`\nbuild: ${buildId}\n`);
  },
);
