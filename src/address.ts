import { Failure, invalidOperand } from "./failure.ts";
import { cString, errno, int, interfaces, libc } from "./libc.ts";
import { Linux } from "./linux.ts";

/** Where to bind: the arguments as given, and what they mean to bind(). */
export interface Address {
  readonly ip: string;
  readonly port: string;
  readonly family: Linux.AF_INET | Linux.AF_INET6;
  /** A struct sockaddr_in or sockaddr_in6: ip(7), ipv6(7). */
  readonly sockaddr: Uint8Array;
}

// Sizes and offsets in bytes: linux/in.h, linux/in6.h.
const sockaddrIn = { size: 16, address: 4 };
const sockaddrIn6 = { size: 28, address: 8, scope: 24 };
const FAMILY = 0;
/** In network byte order; all else is in that of the host, which is little-endian. */
const PORT = 2;

const ZERO = "0".charCodeAt(0);

/**
 * @param ip an address as inet_pton() takes it; a link-local IPv6 one may be followed by
 *   `%` and the name or the index of an interface (RFC 4007).
 * @param port a decimal number from 0 to 65535.
 * @throws Failure (exit 100) for anything else; Failure (exit 111) when there is no such interface.
 */
export function parseAddress(ip: string, port: string): Address {
  const family = ip.includes(":") ? Linux.AF_INET6 : Linux.AF_INET;
  const layout = family === Linux.AF_INET6 ? sockaddrIn6 : sockaddrIn;
  const sockaddr = new Uint8Array(layout.size);
  const percent = family === Linux.AF_INET6 ? ip.indexOf("%") : -1;
  const bare = percent === -1 ? ip : ip.slice(0, percent);

  const bytes = sockaddr.subarray(layout.address);
  if (libc().inet_pton(family, cString(bare), bytes) !== 1) {
    throw invalidOperand(`invalid ip ${ip}: must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1`);
  }
  if (percent !== -1) {
    const scope = ip.slice(percent + 1);
    if (scope === "" || !isLinkLocal(bytes)) {
      throw invalidOperand(`invalid ip ${ip}: only a link-local address takes a scope, such as fe80::1%eth0`);
    }
    sockaddr.set(int(scopeId(scope)), sockaddrIn6.scope);
  }
  const number = parsePort(port);
  sockaddr[FAMILY] = family;
  sockaddr[PORT] = number >> 8;
  sockaddr[PORT + 1] = number & 0xff;
  return { ip, port, family, sockaddr };
}

function parsePort(port: string): number {
  const number = parseUnsigned(port, 65535);
  if (number === undefined) {
    throw invalidOperand(`invalid port ${port}: must be a number from 0 to 65535`);
  }
  return number;
}

/** `text` as a decimal number from 0 to `max`; undefined if it has anything but digits, `absent` if there is none. */
export function parseUnsigned(text: string | undefined, max: number, absent?: number): number | undefined {
  if (text === undefined) return absent;
  let number = text === "" ? NaN : 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : NaN;
  }
  return number <= max ? number : undefined;
}

/** fe80::/10, or multicast of interface-local or link-local scope (RFC 4291). */
function isLinkLocal(address: Uint8Array): boolean {
  const [first = 0, second = 0] = address;
  if (first === 0xff) return (second & 0xf) === 1 || (second & 0xf) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/** @param scope the name of an interface, or its index. */
function scopeId(scope: string): number {
  const index = interfaces().if_nametoindex(cString(scope));
  if (index !== 0) return index;
  const error = errno();
  const number = parseUnsigned(scope, 2 ** 32 - 1);
  if (number === undefined) throw new Failure(`unable to find interface ${scope}`, error);
  return number;
}

/** 0.0.0.0 in place of `::`, with the same port; undefined in place of any other address. */
export function anyIPv4({ ip, port, sockaddr }: Address): Address | undefined {
  const { address, scope } = sockaddrIn6;
  if (sockaddr.subarray(address, scope).some((byte) => byte !== 0)) return undefined;
  return { ...parseAddress("0.0.0.0", port), ip };
}
