import { read, type Pointer } from "bun:ffi";
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
  /** A C string: the end of the argument. */
  readonly name: Pointer;
}

/** What follows the `%` of an address. */
export function scopeOf(ip: Pointer): Scope {
  const percent = libc.strchr(ip, PERCENT) as Pointer;
  return { address: cString(readText(ip, percent - ip)), name: (percent + 1) as Pointer };
}

/** @throws Fatal (exit 100) where there may be none, or there is none. */
export function checkScope(ip: Pointer, { name }: Scope, sockaddr: Uint8Array): void {
  const wrong = `invalid ip ${readCString(ip)}`;
  if (!isLinkLocal(sockaddr)) {
    throw invalidOperand(`${wrong}: only a link-local address takes a scope, such as fe80::1%eth0`);
  }
  if (read.u8(name, 0) === 0) {
    throw invalidOperand(`${wrong}: an interface must follow the %, such as ${readCString(ip)}eth0`);
  }
}

/**
 * Look up the interface that is the scope of an address, and put its index there.
 * @returns 0, or the errno where there is none of that name.
 */
export function resolveScope(address: {
  readonly scope: Scope | undefined;
  readonly sockaddr: Uint8Array;
}): number {
  const { scope, sockaddr } = address;
  if (scope === undefined) return 0;
  let index: number | undefined = libc.if_nametoindex(scope.name);
  if (index === 0) {
    const error = errno();
    index = parseUnsigned(scope.name, UINT_MAX);
    if (index === undefined) return error;
  }
  storeScope(sockaddr, index);
  return 0;
}
