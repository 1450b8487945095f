import { ptr, read, type Pointer } from "bun:ffi";
import { cString, hasCharacter, readCString, readText } from "./bytes.ts";
import { invalidOperand, type Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { AF_INET, AF_INET6, EINVAL } from "./linux.ts";
import { parseUnsigned, UINT_MAX } from "./numbers.ts";

/** Where to bind: the arguments as given, and what they mean to bind(). */
export interface Address {
  /** C strings. */
  readonly ip: Pointer;
  readonly port: Pointer;
  readonly family: typeof AF_INET | typeof AF_INET6;
  /** A struct sockaddr_in or sockaddr_in6: ip(7), ipv6(7). */
  readonly sockaddr: Uint8Array;
  /** Its size, in bytes. */
  readonly size: number;
  readonly scope: Scope | undefined;
}

/** The interface that a link-local address is on, a name or an index: RFC 4007. */
interface Scope {
  /** The address without it, as a C string. */
  readonly address: Uint8Array;
  /** A C string: the end of the argument. */
  readonly name: Pointer;
}

// Sizes and offsets in bytes: linux/in.h, linux/in6.h.
export const sockaddrIn = { size: 16, address: 4, end: 8 };
export const sockaddrIn6 = { size: 28, address: 8, scope: 24, end: 28 };
export const FAMILY = 0;
/** In network byte order; all else is in that of the host, which is little-endian. */
export const PORT = 2;

/** The layout of a socket address; its end is that of the address, with its scope. */
export const layoutOf = (family: number) => (family === AF_INET6 ? sockaddrIn6 : sockaddrIn);

const COLON = ":".charCodeAt(0);
const PERCENT = "%".charCodeAt(0);

/** The address of a run, of either family: made once, since each page that a run takes costs time. */
export const inet = empty(AF_INET, sockaddrIn.size);
const inet6 = empty(AF_INET6, sockaddrIn6.size);

function empty(family: Address["family"], size: number): { -readonly [Key in keyof Address]: Address[Key] } {
  const sockaddr = new Uint8Array(size);
  sockaddr[FAMILY] = family;
  return { ip: 0 as Pointer, port: 0 as Pointer, family, sockaddr, size, scope: undefined };
}

/** Where in memory inet_pton() writes. */
const inetAddress = ptr(inet.sockaddr, sockaddrIn.address);
const inet6Address = ptr(inet6.sockaddr, sockaddrIn6.address);

/**
 * @param ip an address as inet_pton() takes it; a link-local IPv6 one may be followed by
 *   `%` and the name or the index of an interface.
 * @param port a decimal number from 0 to 65535.
 * @throws Fatal (exit 100) for anything else.
 */
export function parseAddress(ip: Pointer, port: Pointer): Address {
  const isInet6 = hasCharacter(ip, COLON);
  const address = isInet6 ? inet6 : inet;
  const { sockaddr } = address;
  const scope = isInet6 && hasCharacter(ip, PERCENT) ? scopeOf(ip) : undefined;
  const bare = scope === undefined ? ip : ptr(scope.address);
  if (libc.inet_pton(address.family, bare, isInet6 ? inet6Address : inetAddress) !== 1) throw invalidIp(ip);
  if (scope !== undefined) checkScope(ip, scope, sockaddr);
  const number = parsePort(port);
  sockaddr[PORT] = number >> 8;
  sockaddr[PORT + 1] = number;
  if (isInet6) storeScope(sockaddr, 0);
  address.ip = ip;
  address.port = port;
  address.scope = scope;
  return address;
}

/** @throws Fatal (exit 100) unless the C string is a decimal number from 0 to 65535. */
function parsePort(port: Pointer): number {
  const number = parseUnsigned(port, 65535);
  if (number !== undefined) return number;
  throw invalidOperand(`invalid port ${readCString(port)}: must be a number from 0 to 65535`);
}

function invalidIp(ip: Pointer): Fatal {
  const text = readCString(ip);
  const two = ipAndPort(ip);
  const right = two
    ? `ip and port are two arguments, ${two}`
    : "must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1";
  return invalidOperand(`invalid ip ${text}: ${right}`);
}

/** What follows the `%` of an address. */
function scopeOf(ip: Pointer): Scope {
  const percent = libc.strchr(ip, PERCENT) as Pointer;
  return { address: cString(readText(ip, percent - ip)), name: (percent + 1) as Pointer };
}

/** @throws Fatal (exit 100) where there may be none, or there is none. */
function checkScope(ip: Pointer, { name }: Scope, sockaddr: Uint8Array): void {
  const wrong = `invalid ip ${readCString(ip)}`;
  if (!isLinkLocal(sockaddr)) {
    throw invalidOperand(`${wrong}: only a link-local address takes a scope, such as fe80::1%eth0`);
  }
  if (read.u8(name, 0) === 0) {
    throw invalidOperand(`${wrong}: an interface must follow the %, such as ${readCString(ip)}eth0`);
  }
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

/** fe80::/10, or multicast of interface-local or link-local scope (RFC 4291). */
function isLinkLocal(sockaddr: Uint8Array): boolean {
  const first = sockaddr[sockaddrIn6.address]!;
  const second = sockaddr[sockaddrIn6.address + 1]!;
  if (first === 0xff) return (second & 0xf) === 1 || (second & 0xf) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/**
 * Look up the interface that is the scope of a link-local address, and put its index into the address.
 * @returns 0, or the errno where there is none of that name.
 */
export function resolveScope({ scope, sockaddr }: Address): number {
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

function storeScope(sockaddr: Uint8Array, index: number): void {
  for (let i = 0; i < 4; i++) sockaddr[sockaddrIn6.scope + i] = index >>> (8 * i);
}

/** @returns what would be right, where bind() has found an argument to be invalid and does not say which. */
export function hintForBind(
  { ip: argument, family, sockaddr }: Address,
  udp: boolean,
  error: number,
): string | undefined {
  if (error !== EINVAL || family !== AF_INET6) return undefined;
  const ip = readCString(argument);
  const at = sockaddrIn6.address;
  if (!udp && sockaddr[at] === 0xff) return `${ip} is a multicast address, which takes a UDP socket (-m)`;
  if (isLinkLocal(sockaddr)) {
    const percent = ip.indexOf("%");
    const bare = percent === -1 ? ip : ip.slice(0, percent);
    return `a link-local address needs its interface, such as ${bare}%eth0`;
  }
  // IPv4-mapped: RFC 4291, 2.5.5.2.
  for (let i = 0; i < 12; i++) if (sockaddr[at + i] !== (i < 10 ? 0 : 0xff)) return undefined;
  const inet = `${sockaddr[at + 12]}.${sockaddr[at + 13]}.${sockaddr[at + 14]}.${sockaddr[at + 15]}`;
  return `${ip} is an IPv4 address: say ${inet}, or add --dual-stack`;
}

const ANY = cString("0.0.0.0");

/** 0.0.0.0 in place of `::`, with the same port; undefined in place of any other address. */
export function anyIPv4({ ip, port, sockaddr }: Address): Address | undefined {
  for (let at = sockaddrIn6.address; at < sockaddrIn6.scope; at++) if (sockaddr[at] !== 0) return undefined;
  parseAddress(ptr(ANY), port);
  inet.ip = ip;
  return inet;
}
