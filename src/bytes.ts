import { ptr, type Pointer } from "bun:ffi";
import { errno, libc } from "./libc.ts";
import { EINTR } from "./linux.ts";

/** Sizes in bytes: of an int, and of a pointer. */
export const INT = 4;
export const POINTER = 8;

/**
 * `text` as a C string. Where bytes matter (arguments, paths) a string holds
 * one byte per character, as in Latin-1.
 */
export function cString(text: string): Uint8Array {
  const bytes = Buffer.alloc(text.length + 1);
  bytes.write(text, "latin1");
  return bytes;
}

const kept: NodeJS.TypedArray[] = [];

/**
 * Where an array lies in memory, which it never leaves. To a function of libc, what runs often gives addresses: for
 * an array a call takes more pages.
 */
export function addressOf(memory: NodeJS.TypedArray): Pointer {
  kept.push(memory);
  return ptr(memory);
}

/** Short strings are read into one buffer, so that none is allocated for them. */
const SHORT = 4096;
const shortText = Buffer.alloc(SHORT);

/** The C string at `address`, one character per byte. */
export function readCString(address: Pointer): string {
  return readText(address, libc.strlen(address));
}

/** The `length` characters at `address`. */
export function readText(address: Pointer, length: number): string {
  const bytes = length <= SHORT ? shortText : Buffer.alloc(length);
  libc.memcpy(bytes, address, length);
  return bytes.toString("latin1", 0, length);
}

/** `value` as a C int, or an unsigned one. */
export function int(value: number): Uint32Array {
  return Uint32Array.of(value);
}

/**
 * Store an address as a C pointer, from the byte at `offset` on. Bit by bit: an address is no int to the engine, and
 * what makes one of it takes many pages.
 */
export function storePointer(bytes: Uint8Array, offset: number, address: number): void {
  let rest = address;
  let weight = 2 ** 63;
  for (let i = POINTER - 1; i >= 0; i--) {
    let byte = 0;
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      if (rest >= weight) {
        rest -= weight;
        byte |= bit;
      }
      weight *= 0.5;
    }
    bytes[offset + i] = byte;
  }
}

/** Bytes in memory, from the beginning of an array on. */
export interface Bytes {
  /** As long as somebody has it, they stay where they are. */
  readonly memory: Uint8Array;
  readonly address: Pointer;
  readonly size: number;
}

/** `text` as bytes, one per character. */
export function bytesOf(text: string): Bytes {
  const memory = Buffer.from(text, "latin1");
  return { memory, address: ptr(memory), size: memory.length };
}

/**
 * write() all of them.
 * @returns 0, or the errno of the write that failed.
 */
export function writeAll(fd: number, { address, size }: Bytes): number {
  for (let done = 0; done < size;) {
    const written = libc.write(fd, (address + done) as Pointer, size - done);
    const error = written >= 0 ? 0 : errno();
    if (error === 0) done += written;
    else if (error !== EINTR) return error;
  }
  return 0;
}
