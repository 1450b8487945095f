import { read, type Pointer } from "bun:ffi";
import { Failure, invalidOperand } from "./failure.ts";
import { allocate, cString, errno, int, interfaces, libc, store } from "./libc.ts";
import { Linux } from "./linux.ts";
import { parseUnsigned, UINT_MAX } from "./numbers.ts";

/** Where to bind: the arguments as given, and what they mean to bind(). */
export interface Address {
  readonly ip: string;
  readonly port: string;
  readonly family: Linux.AF_INET | Linux.AF_INET6;
  /** A struct sockaddr_in or sockaddr_in6: ip(7), ipv6(7). */
  readonly sockaddr: Pointer;
  /** Its size, in bytes. */
  readonly size: number;
  /** The interface that a link-local address is on: a name or an index; RFC 4007. */
  readonly scope: string | undefined;
}

// Sizes and offsets in bytes: linux/in.h, linux/in6.h.
export const sockaddrIn = { size: 16, address: 4 };
export const sockaddrIn6 = { size: 28, address: 8, scope: 24 };
const FAMILY = 0;
/** In network byte order; all else is in that of the host, which is little-endian. */
const PORT = 2;

/**
 * @param ip an address as inet_pton() takes it; a link-local IPv6 one may be followed by
 *   `%` and the name or the index of an interface.
 * @param port a decimal number from 0 to 65535.
 * @throws Failure (exit 100) for anything else.
 */
export function parseAddress(ip: string, port: string): Address {
  const family = ip.includes(":") ? Linux.AF_INET6 : Linux.AF_INET;
  const layout = family === Linux.AF_INET6 ? sockaddrIn6 : sockaddrIn;
  const percent = family === Linux.AF_INET6 ? ip.indexOf("%") : -1;
  const bare = percent === -1 ? ip : ip.slice(0, percent);
  const scope = percent === -1 ? undefined : ip.slice(percent + 1);

  const sockaddr = allocate(layout.size);
  const bytes = (sockaddr + layout.address) as Pointer;
  if (libc().inet_pton(family, cString(bare), bytes) !== 1) {
    throw invalidOperand(`invalid ip ${ip}: must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1`);
  }
  if (scope === "" || (scope !== undefined && !isLinkLocal(bytes))) {
    throw invalidOperand(`invalid ip ${ip}: only a link-local address takes a scope, such as fe80::1%eth0`);
  }
  const number = parseUnsigned(port, 65535);
  if (number === undefined) throw invalidOperand(`invalid port ${port}: must be a number from 0 to 65535`);
  store(sockaddr, FAMILY, family);
  store(sockaddr, PORT, number >> 8);
  store(sockaddr, PORT + 1, number);
  return { ip, port, family, sockaddr, size: layout.size, scope };
}

/** fe80::/10, or multicast of interface-local or link-local scope (RFC 4291). */
function isLinkLocal(address: Pointer): boolean {
  const first = read.u8(address, 0);
  const second = read.u8(address, 1);
  if (first === 0xff) return (second & 0xf) === 1 || (second & 0xf) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/**
 * Look up the interface that is the scope, and put its index into `sockaddr`.
 * @throws Failure (exit 111) when there is none.
 */
export function resolveScope(scope: string, sockaddr: Pointer): void {
  let index: number | undefined = interfaces().if_nametoindex(cString(scope));
  if (index === 0) {
    const error = errno();
    index = parseUnsigned(scope, UINT_MAX);
    if (index === undefined) throw new Failure(`unable to find interface ${scope}`, error);
  }
  int(index, (sockaddr + sockaddrIn6.scope) as Pointer);
}

/** 0.0.0.0 in place of `::`, with the same port; undefined in place of any other address. */
export function anyIPv4({ ip, port, sockaddr }: Address): Address | undefined {
  for (let at = sockaddrIn6.address; at < sockaddrIn6.scope; at++) {
    if (read.u8(sockaddr, at) !== 0) return undefined;
  }
  return { ...parseAddress("0.0.0.0", port), ip };
}

/** The family and the port of a socket address, and where the bytes of the ip are. */
export function splitAddress(sockaddr: Pointer): { family: number; port: number; ip: Pointer } {
  const family = read.u16(sockaddr, FAMILY);
  const { address } = family === Linux.AF_INET6 ? sockaddrIn6 : sockaddrIn;
  const port = (read.u8(sockaddr, PORT) << 8) | read.u8(sockaddr, PORT + 1);
  return { family, port, ip: (sockaddr + address) as Pointer };
}
