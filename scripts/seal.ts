/**
 * Seals a compiled executable: takes from the Bun runtime inside it what would
 * show in the process that prog inherits, and what the environment could steer.
 * docs/sealing.md says why, and how to check it by hand.
 */

import { ElfImage, relocations, type Architecture, type DynamicSymbol } from "./elf.ts";

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
  getenv: "reads variables that steer the runtime",
  secure_getenv: "reads variables that steer the runtime",
} as const;

/**
 * sigaction() cannot simply do nothing: the runtime looks at the disposition
 * that it reports. It becomes this function, which reports SIG_DFL:
 * `(signal, action, old) => { if (old) *old = 0; return 0; }`
 */
const reportDefault: Record<Architecture, string> = {
  // test rdx, rdx; je +4; and qword [rdx], 0; xor eax, eax; ret
  x64: "4885d2 7404 48832200 31c0 c3",
  // cbz x2, +8; str xzr, [x2]; mov w0, #0; ret
  arm64: "420000b4 5f0000f9 00008052 c0035fd6",
};

/**
 * What it is written over: an entry point for native addons, of which we have
 * none. In Bun it does no more than abort.
 */
const UNUSED = "uv_signal_start";

/** Absent where libc has no such function: musl. */
const optional: ReadonlySet<string> = new Set(["secure_getenv"]);

/**
 * `close_range(4, ~0, CLOSE_RANGE_CLOEXEC)`, which would take every inherited
 * descriptor from 4 up from prog. It goes through syscall(), which the runtime
 * needs for other calls too, so the import cannot be redirected; its first
 * argument becomes ~0, beyond every descriptor there can be.
 */
const closeRange: Record<Architecture, { code: string; first: number; sealed: string }> = {
  x64: {
    // mov edi, 436; mov esi, 4; mov edx, ~0; mov ecx, 4; xor eax, eax; call
    code: "bfb4010000 be04000000 baffffffff b904000000 31c0 e8",
    first: 5,
    sealed: "beffffffff",
  },
  arm64: {
    // mov w0, #436; mov w1, #4; mov w2, #-1; mov w3, #4
    code: "80368052 81008052 02008012 83008052",
    first: 4,
    sealed: "01008012",
  },
};

/**
 * Seal the executable in `bytes`, in place.
 * @returns one line for each thing that was done.
 * @throws Error when the image does not look as expected; `bytes` is then useless.
 */
export function seal(bytes: Buffer): string[] {
  const image = new ElfImage(bytes);
  return [
    ...redirectImports(image),
    ...redirectSigaction(image),
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

function redirectSigaction(image: ElfImage): string[] {
  const symbols = image.dynamicSymbols();
  const find = (name: string, isImport: boolean) =>
    required(
      symbols.find((symbol) => symbol.name === name && symbol.isImport === isImport),
      `no symbol ${name}`,
    );
  const unused = find(UNUSED, false);
  const code = hex(reportDefault[image.architecture]);
  if (unused.size < code.length) throw new Error(`${UNUSED} is too small: ${unused.size} bytes`);
  const text = image.section(".text");
  code.copy(text.bytes, unused.address - text.address);
  find("sigaction", true).importAs(unused);
  return [
    "sigaction: does nothing (handles SIGPWR, SIGSEGV, SIGSYS and others, losing an inherited SIG_IGN)",
  ];
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
