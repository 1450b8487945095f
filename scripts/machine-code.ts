/** The instructions that sealing writes, for each architecture, as hex with their assembly above. */

import { name } from "../package.json";
import type { Architecture } from "./elf.ts";

/** What a runtime that cannot go on says, in place of a core dump. */
const lastWords = `${name}: fatal: the Bun runtime gave up, as it does for want of memory\n`;
const lastWordsLength = u32(lastWords.length);

/** An import that gets a definition of its own. */
export interface Replacement {
  readonly effect: string;
  /**
   * The function of the image that is written over: an entry point for native
   * addons, of which we have none.
   */
  readonly over: string;
  /** A whole function, as hex; `text`, or the address of libc's environ, follows it. */
  readonly code: Record<Architecture, string>;
  readonly text?: string;
  readonly environ?: true;
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
  // What it can learn of its cgroups begins with /proc/self/cgroup. Nobody looks at errno here, so it stays as it is.
  // `(path, flags, mode) => path.startsWith("/pro") && path.startsWith("self", 6) ? -1 :
  // (fd = openat(AT_FDCWD, path, flags, mode)) >= 0 ? fd : -1`
  open: {
    effect: "opens nothing in /proc/self (reads the limits of its cgroups, file after file)",
    over: "uv_async_init",
    code: {
      // cmp dword [rdi], '/pro'; jne +9; cmp dword [rdi + 6], 'self'; je +24; mov r10d, edx; mov edx, esi; mov rsi, rdi;
      // mov edi, -100; mov eax, 257; syscall; test eax, eax; jns +3; or eax, -1; ret
      x64: `813f2f70726f 7509 817f0673656c66 7418 4189d2 89f2 4889fe
        bf9cffffff b801010000 0f05 85c0 7903 83c8ff c3`,
      // ldr w8, [x0]; mov w9, '/pro'; cmp w8, w9; b.ne +24; ldur w8, [x0, #6]; mov w9, 'self'; cmp w8, w9; b.eq +32;
      // mov w3, w2; mov w2, w1; mov x1, x0; mov w0, #-100; mov w8, #56; svc; tbz w0, #31, +8; mov w0, #-1; ret
      arm64: `080040b9 e9058e52 49eead72 1f01096b c1000054 086040b8 69ae8c52 89cdac72 1f01096b 00010054
        e303022a e203012a e10300aa 600c8012 08078052 010000d4 4000f836 00008012 c0035fd6`,
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
  // Where the stack is, of which the engine wants to know the end and how far it may grow. glibc would read
  // /proc/self/maps for it. The kernel puts environ above the first frame: its page is the last that counts. A stack
  // that is not near it is another thread's, and there the caller's own page is. 1 MiB more is plenty for us.
  // `(attributes, start, size) => { top = environ - sp < 64 MiB ? environ : sp; top = (top | 4095) + 1;
  // *start = (sp - 1 MiB) & ~4095; *size = top - *start; return 0; }`
  pthread_attr_getstack: {
    effect: "says where the stack is by environ (libc looks it up in /proc)",
    over: "uv_now",
    code: {
      // mov rax, [rip + environ]; mov rax, [rax]; sub rax, rsp; cmp rax, 64 MiB; jb +2; xor eax, eax; add rax, rsp;
      // or rax, 4095; inc rax; lea rcx, [rsp - 1 MiB]; and rcx, ~4095; mov [rsi], rcx; sub rax, rcx; mov [rdx], rax;
      // xor eax, eax; ret
      x64: `488b0537000000 488b00 4829e0 483d00000004 7202 31c0 4801e0 480dff0f0000 48ffc0
        488d8c240000f0ff 4881e100f0ffff 48890e 4829c8 488902 31c0 c3`,
      // ldr x8, environ; ldr x8, [x8]; mov x9, sp; sub x10, x8, x9; mov x11, 64 MiB; cmp x10, x11; csel x8, x8, x9, lo;
      // orr x8, x8, #4095; add x8, x8, #1; sub x9, x9, 1 MiB; and x9, x9, ~4095; str x9, [x1]; sub x8, x8, x9;
      // str x8, [x2]; mov w0, #0; ret
      arm64: `08020058 080140f9 e9030091 0a0109cb 0b80a0d2 5f010beb 0831899a
        082d40b2 08050091 290144d1 29cd7492 290000f9 080109cb 480000f9 00008052 c0035fd6`,
    },
    environ: true,
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

/** `value` as hex, little-endian. */
function u32(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
}
