import type { Pointer } from "bun:ffi";
import { addressOf, cString, POINTER, storePointer } from "../../src/bytes.ts";
import { Start } from "../../src/entry.ts";

/** `text` as an argument of a process: the address of a C string. */
export function argument(text: string): Pointer {
  return addressOf(cString(text));
}

/** `args` as a new process has them, behind an argv[0], and no environment. */
export function start(args: readonly string[]): Start {
  const strings = ["program", ...args].map(argument);
  const bytes = new Uint8Array((strings.length + 2) * POINTER);
  strings.forEach((string, i) => storePointer(bytes, POINTER * i, string));
  const argv = addressOf(bytes);
  return new Start(strings.length, argv, (argv + POINTER * (strings.length + 1)) as Pointer, true);
}
