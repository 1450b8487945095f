import { read, type Pointer } from "bun:ffi";

/** The largest int and unsigned int of C. */
export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;

const ZERO = "0".charCodeAt(0);

/**
 * A C string, up to `end` at most, as a decimal number from 0 to `max`; undefined if there is anything but digits, or
 * nothing.
 */
export function parseUnsigned(text: Pointer, max: number, end = INT_MAX): number | undefined {
  let number = 0;
  for (let i = 0; i === 0 || (i < end && read.u8(text, i) !== 0); i++) {
    const digit = read.u8(text, i) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number <= max ? number : undefined;
}
