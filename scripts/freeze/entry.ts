/** What the entry codes of the architectures share. */

// asm-generic/signal.h
const SIGILL = 4;
const SIGTRAP = 5;
const SIGABRT = 6;
const SIGBUS = 7;
const SIGSEGV = 11;
const SA_NODEFER = 0x40000000n;

/** The signals of a program that is at its end. A 0 ends the list. */
export const faultSignals = [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, 0];

export const actionFlags = SA_NODEFER;

/** The bytes of a listing. */
export function code(listing: { readonly code: readonly (readonly string[])[] }): Buffer {
  return Buffer.concat(listing.code.map(([bytes = ""]) => Buffer.from(bytes, "hex")));
}
