import { ptr, type Pointer } from "bun:ffi";
import { cString, POINTER, storePointer } from "../../src/bytes.ts";

/** What has been made, so that it stays where it is. */
const kept: Uint8Array[] = [];

/** `text` as an argument of a process: the address of a C string. */
export function argument(text: string): Pointer {
  const bytes = cString(text);
  kept.push(bytes);
  return ptr(bytes);
}

/** `args` as main() of a C program has them, behind an argv[0]. */
export function start(args: readonly string[]): { argc: number; argv: Pointer } {
  const strings = ["program", ...args].map(argument);
  const words = new Uint32Array((strings.length * POINTER) / 4);
  strings.forEach((string, i) => storePointer(words, i, string));
  const bytes = new Uint8Array(words.buffer);
  kept.push(bytes);
  return { argc: strings.length, argv: ptr(bytes) };
}
