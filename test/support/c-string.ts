import type { Pointer } from "bun:ffi";
import { addressOf, cString, POINTER, storePointer } from "../../src/bytes.ts";

/** `text` as an argument of a process: the address of a C string. */
export function argument(text: string): Pointer {
  return addressOf(cString(text));
}

/** `args` as main() of a C program has them, behind an argv[0]. */
export function start(args: readonly string[]): { argc: number; argv: Pointer } {
  const strings = ["program", ...args].map(argument);
  const argv = new Uint8Array(strings.length * POINTER);
  strings.forEach((string, i) => storePointer(argv, POINTER * i, string));
  return { argc: strings.length, argv: addressOf(argv) };
}
