import { ptr, type Pointer } from "bun:ffi";
import { cString } from "../../src/bytes.ts";

/** What has been made, so that it stays where it is. */
const kept: Uint8Array[] = [];

/** `text` as an argument of a process: the address of a C string. */
export function argument(text: string): Pointer {
  const bytes = cString(text);
  kept.push(bytes);
  return ptr(bytes);
}
