import type { Pointer } from "bun:ffi";
import { cString, readCString, readText } from "./bytes.ts";
import { invalidOperand } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { parseUnsigned, UINT_MAX } from "./numbers.ts";
import { isLinkLocal, storeScope } from "./sockaddr.ts";

export const PERCENT = "%".charCodeAt(0);

/** The interface that a link-local address is on, a name or an index: RFC 4007. */
export interface Scope {
  /** The address without it, as a C string. */
  readonly address: Uint8Array;
  readonly name: string;
  /** The name as a C string. */
  readonly cName: Uint8Array;
  /** What the name is as an index, if it is a number. */
  readonly index: number | undefined;
}

/** What follows the `%` of an address. */
export function scopeOf(ip: Pointer): Scope {
  const percent = libc.strchr(ip, PERCENT) as Pointer;
  const text = (percent + 1) as Pointer;
  const name = readCString(text);
  const address = cString(readText(ip, percent - ip));
  return { address, name, cName: cString(name), index: parseUnsigned(text, UINT_MAX) };
}

/** @throws Fatal (exit 100) where there may be none, or there is none. */
export function checkScope(ip: Pointer, { name }: Scope, sockaddr: Uint8Array): void {
  const wrong = `invalid ip ${readCString(ip)}`;
  if (!isLinkLocal(sockaddr)) {
    throw invalidOperand(`${wrong}: only a link-local address takes a scope, such as fe80::1%eth0`);
  }
  if (name === "") {
    throw invalidOperand(`${wrong}: an interface must follow the %, such as ${readCString(ip)}eth0`);
  }
}

/**
 * Look up the interface that is the scope of an address, and put its index into that.
 * @returns 0, or the errno where there is none of that name.
 */
export function resolveScope(scope: Scope, sockaddr: Uint8Array): number {
  const index = libc.if_nametoindex(scope.cName) || scope.index;
  if (index === undefined) return errno();
  storeScope(sockaddr, index);
  return 0;
}
