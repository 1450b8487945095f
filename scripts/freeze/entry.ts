/** What the entry codes of the architectures share: the table behind them. */

import { SA_NODEFER, SA_SIGINFO, SIGBUS, SIGILL, SIGSEGV, SIGTRAP } from "./linux.ts";
import type { Stores } from "./pieces.ts";

/** What lies where, for the handler. Addresses in bytes. */
export interface EntryOptions {
  /** Where the entry code will lie. */
  readonly address: number;
  /** What is said when a run cannot go on. */
  readonly message: string;
  readonly stores: Stores;
  /** Where the stores will lie. */
  readonly code: number;
  readonly state: number;
  readonly packed: number;
  /** Where the handler remembers the last page that was missed: 4 bytes that are 0, and nobody else's. */
  readonly last: number;
}

interface Listing {
  readonly labels: { readonly handler: number; readonly restorer: number; readonly table: number };
  readonly code: readonly (readonly string[])[];
}

/** Offsets in the table, in bytes: those that the entry codes name. */
const ACTION = 0;
const SIGNALS = 32;
const MESSAGE_SIZE = 40;
const PIECE_COUNT = 44;
const MESSAGE = 48;
const CODE_STORE = 56;
const STATE_STORE = 64;
const PACKED_STORE = 72;
const LAST = 80;
const REGISTERS = 88;
const PIECES = 280;
const PIECE = 12;

/**
 * The entry code and its table.
 * @param registers the thread pointer and what else is put back, in the order of the entry code.
 * @param restorer SA_RESTORER, where there is such a thing.
 */
export function entryCode(
  listing: Listing,
  registers: bigint[],
  restorer: bigint,
  options: EntryOptions,
): Buffer {
  const { address, stores, code, state, packed, last } = options;
  const { labels } = listing;
  const head = Buffer.alloc(PIECES);
  const word = (offset: number, value: number | bigint) => head.writeBigUInt64LE(BigInt(value), offset);
  registers.forEach((value, i) => word(REGISTERS + 8 * i, value));
  word(ACTION, address + labels.handler);
  word(ACTION + 8, SA_SIGINFO | SA_NODEFER | restorer);
  word(ACTION + 16, address + labels.restorer);
  // Of a process that is at its end, or misses a page. abort() gets nowhere, since no thread has the id that libc
  // remembers, and ends in one of these.
  head.set([SIGSEGV, SIGBUS, SIGILL, SIGTRAP, 0], SIGNALS);
  const message = Buffer.from(options.message, "latin1");
  head.writeUInt32LE(message.length, MESSAGE_SIZE);
  head.writeUInt32LE(stores.table.length / PIECE, PIECE_COUNT);
  word(MESSAGE, address + labels.table + PIECES + stores.table.length);
  word(CODE_STORE, code);
  word(STATE_STORE, state);
  word(PACKED_STORE, packed);
  word(LAST, last);
  const instructions = listing.code.map(([bytes = ""]) => Buffer.from(bytes, "hex"));
  return Buffer.concat([...instructions, head, stores.table, message]);
}
