/**
 * Seals a compiled executable: takes from the Bun runtime inside it what would
 * show in the process that prog inherits, and what the environment could steer.
 * docs/sealing.md says why, and how to check it by hand.
 */

import { closeRange, replaced } from "./machine-code.ts";
import { ElfImage, relocations, type DynamicSymbol } from "./elf.ts";

/**
 * An import that every runtime image has, that takes anything, does nothing
 * and returns 0 (glibc nptl/pthread_mutexattr_destroy.c, musl likewise).
 */
const NOTHING = "pthread_mutexattr_destroy";

/** What the runtime calls at start and prog must not see, or be steered by. */
const redirected = {
  setrlimit: "raises the soft RLIMIT_NOFILE to the hard limit",
  signal: "ignores SIGPIPE and SIGXFSZ",
  pthread_sigmask: "unblocks SIGPWR",
  epoll_create1: "opens a descriptor for an event loop that we never enter",
  epoll_ctl: "adds to it",
  eventfd: "opens a descriptor to wake it up",
  gmtime_r: "opens what TZ names, and waits for it",
  getenv: "reads variables that steer the runtime",
  secure_getenv: "reads variables that steer the runtime",
} as const;

/** Absent where libc has no such function: musl. */
const optional: ReadonlySet<string> = new Set(["secure_getenv"]);

/**
 * Seal the executable in `bytes`, in place.
 * @returns one line for each thing that was done.
 * @throws Error when the image does not look as expected; `bytes` is then useless.
 */
export function seal(bytes: Buffer): string[] {
  const image = new ElfImage(bytes);
  return [
    ...redirectImports(image),
    ...replaceImports(image),
    ...hideEnvironment(image),
    ...keepDescriptors(image),
  ];
}

function redirectImports(image: ElfImage): string[] {
  const imports = new Map(
    image
      .dynamicSymbols()
      .filter((symbol) => symbol.isImport)
      .map((symbol) => [symbol.name, symbol]),
  );
  const nothing = required(imports.get(NOTHING), `no import ${NOTHING}`);
  return Object.entries(redirected).flatMap(([name, effect]) => {
    const symbol = imports.get(name);
    if (!symbol && optional.has(name)) return [];
    required(symbol, `no import ${name}`).importAs(nothing);
    return [`${name}: does nothing (${effect})`];
  });
}

/**
 * The runtime's `environ` is a copy of libc's variable that libc then uses as
 * its own. Without their names the two come apart: libc keeps the environment,
 * the runtime is given an empty one.
 */
function hideEnvironment(image: ElfImage): string[] {
  const { copy, globDat, relative } = relocations[image.architecture];
  const symbols = image.dynamicSymbols();
  const { address } = required(
    symbols.find((symbol) => symbol.name === "environ" && !symbol.isImport),
    "no copy of environ",
  );
  const isAlias = (symbol: DynamicSymbol) => !symbol.isImport && symbol.address === address;
  const names = symbols.filter(isAlias).map((symbol) => symbol.name);

  const references = image
    .dynamicRelocations()
    .filter((r) => isAlias(required(symbols[r.symbol], "no such symbol")));
  one(
    references.filter((r) => r.type === copy),
    "copy relocation of environ",
  );
  for (const reference of references) {
    if (reference.type === copy) reference.store(relative, zeroWord(image));
    else if (reference.type === globDat) reference.store(relative, address);
    else throw new Error(`unexpected relocation of environ: type ${reference.type}`);
  }
  for (const symbol of symbols.filter(isAlias)) symbol.hide();
  return [`${names.sort().join(", ")}: an empty environment`];
}

function replaceImports(image: ElfImage): string[] {
  const symbols = image.dynamicSymbols();
  const text = image.section(".text");
  return Object.entries(replaced).map(([name, replacement]) => {
    const find = (wanted: string, isImport: boolean) =>
      required(
        symbols.find((symbol) => symbol.name === wanted && symbol.isImport === isImport),
        `no symbol ${wanted}`,
      );
    const over = find(replacement.over, false);
    const code = Buffer.concat([
      hex(replacement.code[image.architecture]),
      Buffer.from(replacement.text ?? "", "latin1"),
    ]);
    if (over.size < code.length) throw new Error(`${replacement.over} is too small: ${over.size} bytes`);
    const at = over.address - text.address;
    if (at < 0 || at + code.length > text.bytes.length)
      throw new Error(`${replacement.over} is not in .text`);
    code.copy(text.bytes, at);
    find(name, true).importAs(over);
    return `${name}: ${replacement.effect}`;
  });
}

/** The address of eight zero bytes that nothing can write: a NULL-terminated list of nothing. */
function zeroWord(image: ElfImage): number {
  const { address, bytes } = image.section(".rodata");
  for (let at = -address & 7; at + 8 <= bytes.length; at += 8) {
    if (bytes.readBigUInt64LE(at) === 0n) return address + at;
  }
  throw new Error("no zero word in .rodata");
}

function keepDescriptors(image: ElfImage): string[] {
  const { code, first, sealed } = closeRange[image.architecture];
  const { bytes } = image.section(".text");
  const at = one(occurrences(bytes, hex(code)), "close_range(4, ~0, CLOSE_RANGE_CLOEXEC) in .text");
  hex(sealed).copy(bytes, at + first);
  return ["close_range: of no descriptor (would mark the inherited ones close-on-exec)"];
}

/** `value` as hex, little-endian. */
function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

function occurrences(bytes: Buffer, pattern: Buffer): number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(pattern); at !== -1; at = bytes.indexOf(pattern, at + 1)) found.push(at);
  return found;
}

function required<T>(value: T | undefined, problem: string): T {
  if (value === undefined) throw new Error(problem);
  return value;
}

function one<T>(values: T[], what: string): T {
  const [value] = values;
  if (value === undefined || values.length > 1)
    throw new Error(`expected one ${what}, found ${values.length}`);
  return value;
}
