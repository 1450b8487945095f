import { read, type Pointer } from "bun:ffi";

/** The largest int and unsigned int of C. */
export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;

const ZERO = "0".charCodeAt(0);

/** The same as parseUnsigned(), of a C string. */
export function readUnsigned(address: Pointer, max: number): number | undefined {
  let number = read.u8(address, 0) === 0 ? NaN : 0;
  for (let i = 0, byte; (byte = read.u8(address, i)) !== 0; i++) {
    const digit = byte - ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : NaN;
  }
  return number <= max ? number : undefined;
}

/** `text` as a decimal number from 0 to `max`; undefined if there is anything but digits, or nothing. */
export function parseUnsigned(text: string, max: number): number | undefined {
  let number = text === "" ? NaN : 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : NaN;
  }
  return number <= max ? number : undefined;
}
