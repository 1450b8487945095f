/** The instructions that sealing writes, for each architecture, as hex with their assembly above. */

import { name } from "../package.json";
import type { Architecture } from "./elf.ts";

/** What a runtime that cannot go on says, in place of a core dump. */
const lastWords = `${name}: fatal: the Bun runtime gave up: it needs /proc, memory and a free descriptor\n`;
const lastWordsLength = u32(lastWords.length);

/** An import that gets a definition of its own. */
export interface Replacement {
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
export const replaced: Record<string, Replacement> = {
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

/**
 * `close_range(4, ~0, CLOSE_RANGE_CLOEXEC)`, which would take every inherited
 * descriptor from 4 up from prog. It goes through syscall(), which the runtime
 * needs for other calls too, so the import cannot be redirected; its first
 * argument becomes ~0, beyond every descriptor there can be.
 */
export const closeRange: Record<Architecture, { code: string; first: number; sealed: string }> = {
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

function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
}
