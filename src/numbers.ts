/** The largest int and unsigned int of C. */
export const INT_MAX = 2 ** 31 - 1;
export const UINT_MAX = 2 ** 32 - 1;

const ZERO = "0".charCodeAt(0);

/** `text` as a decimal number from 0 to `max`; undefined if there is anything but digits, or nothing. */
export function parseUnsigned(text: string, max: number): number | undefined {
  let number = text === "" ? NaN : 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : NaN;
  }
  return number <= max ? number : undefined;
}
