/**
 * Seals a compiled executable: takes from the Bun runtime inside it what would
 * show in the process that prog inherits, and what the environment could steer.
 * docs/sealing.md says why, and how to check it by hand.
 */

import { ElfImage, relocations, type DynamicSymbol } from "./elf.ts";
import { closeRange, replaced } from "./machine-code.ts";

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
  pthread_getattr_np: "reads /proc/self/maps",
  pthread_attr_destroy: "frees what that has set up",
  fopen: "reads /proc for what a long-running program needs",
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
  const { environ, done } = hideEnvironment(image);
  return [...redirectImports(image), ...replaceImports(image, environ), ...done, ...keepDescriptors(image)];
}

function redirectImports(image: ElfImage): string[] {
  const nothing = imported(image, NOTHING);
  return Object.entries(redirected).flatMap(([name, effect]) => {
    const symbol = find(image, name, true);
    if (!symbol && optional.has(name)) return [];
    required(symbol, `no import ${name}`).importAs(nothing);
    return [`${name}: does nothing (${effect})`];
  });
}

/**
 * The runtime's `environ` is a copy of libc's variable that libc then uses as
 * its own. They come apart here: what other objects bind to becomes the place of
 * `stdin`, which is such a copy, too, and which nothing of ours uses; the place
 * that the runtime's own code reads is given an empty environment.
 * @returns the address where the real environ is, with what was done.
 */
function hideEnvironment(image: ElfImage): { environ: number; done: string[] } {
  const { copy, globDat, relative } = relocations[image.architecture];
  const symbols = image.dynamicSymbols();
  const at = (address: number) => symbols.filter((symbol) => !symbol.isImport && symbol.address === address);
  const relocationsOf = (wanted: readonly DynamicSymbol[]) =>
    image.dynamicRelocations().filter((r) => wanted.includes(required(symbols[r.symbol], "no such symbol")));

  const { address: emptied } = defined(image, "environ");
  const { address: environ } = defined(image, "stdin");
  const aliases = at(emptied);
  const names = aliases.map((symbol) => symbol.name);
  const stdin = one(at(environ), "name of stdin's copy");

  const references = relocationsOf(aliases);
  const spare = one(relocationsOf([stdin]), "relocation of stdin");
  one(
    references.filter((r) => r.type === copy),
    "copy relocation of environ",
  );
  for (const reference of references) {
    if (reference.type === copy) reference.address = environ;
    else if (reference.type === globDat) reference.store(relative, emptied);
    else throw new Error(`unexpected relocation of environ: type ${reference.type}`);
  }
  spare.address = emptied;
  spare.store(relative, zeroWord(image));
  for (const alias of aliases) alias.address = environ;
  stdin.hide();
  return { environ, done: [`${names.sort().join(", ")}: an empty environment`] };
}

function replaceImports(image: ElfImage, environ: number): string[] {
  const text = image.section(".text");
  return Object.entries(replaced).map(([name, replacement]) => {
    const over = defined(image, replacement.over);
    const code = Buffer.concat([
      hex(replacement.code[image.architecture]),
      Buffer.from(replacement.text ?? "", "latin1"),
      Buffer.from(replacement.environ ? new BigUint64Array([BigInt(environ)]).buffer : new ArrayBuffer(0)),
    ]);
    if (over.size < code.length) throw new Error(`${replacement.over} is too small: ${over.size} bytes`);
    const at = over.address - text.address;
    if (at < 0 || at + code.length > text.bytes.length)
      throw new Error(`${replacement.over} is not in .text`);
    code.copy(text.bytes, at);
    imported(image, name).importAs(over);
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

function find(image: ElfImage, name: string, isImport: boolean): DynamicSymbol | undefined {
  return image.dynamicSymbols().find((symbol) => symbol.name === name && symbol.isImport === isImport);
}

function imported(image: ElfImage, name: string): DynamicSymbol {
  return required(find(image, name, true), `no import ${name}`);
}

function defined(image: ElfImage, name: string): DynamicSymbol {
  return required(find(image, name, false), `no symbol ${name}`);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
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
