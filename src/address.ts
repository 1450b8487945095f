import { ptr, type Pointer } from "bun:ffi";
import { addressOf, cString, readCString } from "./bytes.ts";
import { invalidOperand, type Fatal } from "./failure.ts";
import { libc } from "./libc.ts";
import { AF_INET, AF_INET6, EINVAL } from "./linux.ts";
import type { Mutable } from "./mutable.ts";
import { parseUnsigned } from "./numbers.ts";
import { checkScope, PERCENT, scopeOf, type Scope } from "./scope.ts";
import {
  FAMILY,
  isLinkLocal,
  isMulticast,
  isUnspecified,
  mappedIPv4,
  PORT,
  sockaddrIn,
  sockaddrIn6,
  storeScope,
} from "./sockaddr.ts";

/** Where to bind: what ip and port mean to bind(). */
export interface Address {
  readonly family: typeof AF_INET | typeof AF_INET6;
  /** A struct sockaddr_in or sockaddr_in6: ip(7), ipv6(7). */
  readonly sockaddr: Uint8Array;
  /** Where that lies. */
  readonly at: Pointer;
  /** Its size, in bytes. */
  readonly size: number;
  readonly scope: Scope | undefined;
}

const COLON = ":".charCodeAt(0);

/** The address of a run, of either family: made once, since each page that a run takes costs time. */
const inet = empty(AF_INET, sockaddrIn.size);
const inet6 = empty(AF_INET6, sockaddrIn6.size);

function empty(family: Address["family"], size: number): Mutable<Address> {
  const sockaddr = new Uint8Array(size);
  sockaddr[FAMILY] = family;
  return { family, sockaddr, at: addressOf(sockaddr), size, scope: undefined };
}

/** Where in memory inet_pton() writes. */
const inetAddress = (inet.at + sockaddrIn.address) as Pointer;
const inet6Address = (inet6.at + sockaddrIn6.address) as Pointer;

/**
 * @param ip an address as inet_pton() takes it; a link-local IPv6 one may be followed by
 *   `%` and the name or the index of an interface.
 * @param port a decimal number from 0 to 65535.
 * @throws Fatal (exit 100) for anything else.
 */
export function parseAddress(ip: Pointer, port: Pointer): Address {
  const isInet6 = libc.strchr(ip, COLON) != null;
  const address = isInet6 ? inet6 : inet;
  const { sockaddr } = address;
  const scope = isInet6 && libc.strchr(ip, PERCENT) != null ? scopeOf(ip) : undefined;
  const bare = scope === undefined ? ip : ptr(scope.address);
  if (libc.inet_pton(address.family, bare, isInet6 ? inet6Address : inetAddress) !== 1) throw invalidIp(ip);
  if (scope !== undefined) checkScope(ip, scope, sockaddr);
  const number = parseUnsigned(port, 65535);
  if (number === undefined) throw invalidPort(port);
  sockaddr[PORT] = number >> 8;
  sockaddr[PORT + 1] = number;
  if (isInet6) storeScope(sockaddr, 0);
  address.scope = scope;
  return address;
}

function invalidPort(port: Pointer): Fatal {
  return invalidOperand(`invalid port ${readCString(port)}: must be a number from 0 to 65535`);
}

function invalidIp(ip: Pointer): Fatal {
  const text = readCString(ip);
  const two = ipAndPort(ip);
  const right = two
    ? `ip and port are two arguments, ${two}`
    : "must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1";
  return invalidOperand(`invalid ip ${text}: ${right}`);
}

/** Whether `text` is an address as inet_pton() takes it. */
export function isAddress(text: string): boolean {
  const family = text.includes(":") ? AF_INET6 : AF_INET;
  return libc.inet_pton(family, cString(text), new Uint8Array(sockaddrIn6.size)) === 1;
}

/** @returns the two arguments that one should have been, if it is an ip and a port as URLs have them. */
export function ipAndPort(argument: Pointer): string | undefined {
  const text = readCString(argument);
  const colon = text.lastIndexOf(":");
  const port = text.slice(colon + 1);
  if (colon === -1 || parseUnsigned((argument + colon + 1) as Pointer, 65535) === undefined) return undefined;
  const host = text.slice(0, colon);
  const bracketed = host.startsWith("[") && host.endsWith("]");
  const ip = bracketed ? host.slice(1, -1) : host === "" || host === "*" ? "0.0.0.0" : host;
  return isAddress(ip) && bracketed === ip.includes(":") ? `${ip} ${port}` : undefined;
}

/** @returns what would be right, where bind() has found an argument to be invalid and does not say which. */
export function hintForBind(
  ip: string,
  { family, sockaddr }: Address,
  udp: boolean,
  error: number,
): string | undefined {
  if (error !== EINVAL || family !== AF_INET6) return undefined;
  if (!udp && isMulticast(sockaddr)) return `${ip} is a multicast address, which takes a UDP socket (-m)`;
  if (isLinkLocal(sockaddr)) {
    const percent = ip.indexOf("%");
    const bare = percent === -1 ? ip : ip.slice(0, percent);
    return `a link-local address needs its interface, such as ${bare}%eth0`;
  }
  const inet = mappedIPv4(sockaddr);
  return inet && `${ip} is an IPv4 address: say ${inet}, or add --dual-stack`;
}

/** 0.0.0.0 in place of `::`, with the same port; undefined in place of any other address. */
export function anyIPv4({ sockaddr }: Address): Address | undefined {
  if (!isUnspecified(sockaddr)) return undefined;
  // Both have the port behind the family, and then nothing but zeros.
  for (let at = PORT; at < inet.size; at++) inet.sockaddr[at] = sockaddr[at]!;
  return inet;
}
