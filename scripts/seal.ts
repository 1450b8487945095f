/**
 * Seals a compiled executable: takes from the Bun runtime inside it what would
 * show in the process that prog inherits, and what the environment could steer.
 * docs/sealing.md says why, and how to check it by hand.
 */

import { name } from "../package.json";
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
  epoll_create1: "opens a descriptor for an event loop that we never enter",
  epoll_ctl: "adds to it",
  eventfd: "opens a descriptor to wake it up",
  gmtime_r: "opens what TZ names, and waits for it",
  getenv: "reads variables that steer the runtime",
  secure_getenv: "reads variables that steer the runtime",
} as const;

/** What a runtime that cannot go on says, in place of a core dump. */
const lastWords = `${name}: fatal: the Bun runtime gave up: it needs /proc, memory and a free descriptor\n`;
const lastWordsLength = u32(lastWords.length);

/** An import that gets a definition of its own. */
interface Replacement {
  readonly effect: string;
  /**
   * The function of the image that is written over: an entry point for native
   * addons, of which we have none.
   */
  readonly over: string;
  /** A whole function, as hex; `text` follows it. */
  readonly code: Record<Architecture, string>;
  readonly text?: string;
}

/** Where doing nothing would not do. */
const replaced: Record<string, Replacement> = {
  // The runtime looks at the disposition that it reports: `(signal, action, old) => { if (old) *old = SIG_DFL; return 0; }`.
  sigaction: {
    effect: "does nothing (handles SIGPWR, SIGSEGV, SIGSYS and others, losing an inherited SIG_IGN)",
    over: "uv_signal_start",
    code: {
      // test rdx, rdx; je +4; and qword [rdx], 0; xor eax, eax; ret
      x64: "4885d2 7404 48832200 31c0 c3",
      // cbz x2, +8; str xzr, [x2]; mov w0, #0; ret
      arm64: "420000b4 5f0000f9 00008052 c0035fd6",
    },
  },
  // `(buffer, size) => strcpy(buffer, "/")`
  getcwd: {
    effect: 'says "/" (the runtime ends where the current directory is deleted)',
    over: "uv_signal_start_oneshot",
    code: {
      // mov word [rdi], '/'; mov rax, rdi; ret
      x64: "66c7072f00 4889f8 c3",
      // mov w8, #'/'; strh w8, [x0]; ret
      arm64: "e8058052 08000079 c0035fd6",
    },
  },
  // `() => { write(2, text, length); exit_group(111); }`
  abort: {
    effect: "prints a line and exits 111 (dumps core without a word)",
    over: "uv_queue_work",
    code: {
      // mov eax, 1; mov edi, 2; lea rsi, [text]; mov edx, length; syscall; mov eax, 231; mov edi, 111; syscall
      x64: `b801000000 bf02000000 488d3513000000 ba${lastWordsLength} 0f05 b8e7000000 bf6f000000 0f05`,
      // mov w0, #2; adr x1, text; ldr w2, length; mov w8, #64; svc; mov w0, #111; mov w8, #94; svc; length
      arm64: `40008052 01010010 c2000018 08088052 010000d4 e00d8052 c80b8052 010000d4 ${lastWordsLength}`,
    },
    text: lastWords,
  },
};

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
    code.copy(text.bytes, over.address - text.address);
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
function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
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
