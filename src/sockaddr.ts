import { AF_INET6 } from "./linux.ts";

/** struct sockaddr_in and sockaddr_in6. Sizes and offsets in bytes: linux/in.h, linux/in6.h. */
export const sockaddrIn = { size: 16, address: 4, end: 8 };
export const sockaddrIn6 = { size: 28, address: 8, scope: 24, end: 28 };
export const FAMILY = 0;
/** In network byte order; all else is in that of the host, which is little-endian. */
export const PORT = 2;

/** The layout of a socket address; its end is that of the address, with its scope. */
export const layoutOf = (family: number) => (family === AF_INET6 ? sockaddrIn6 : sockaddrIn);

/** Put the index of an interface into a sockaddr_in6. */
export function storeScope(sockaddr: Uint8Array, index: number): void {
  for (let i = 0; i < 4; i++) sockaddr[sockaddrIn6.scope + i] = index >>> (8 * i);
}

// What an IPv6 address is for: RFC 4291.

/** Whether it is `::`. */
export function isUnspecified(sockaddr: Uint8Array): boolean {
  for (let at = sockaddrIn6.address; at < sockaddrIn6.scope; at++) if (sockaddr[at] !== 0) return false;
  return true;
}

export function isMulticast(sockaddr: Uint8Array): boolean {
  return sockaddr[sockaddrIn6.address] === 0xff;
}

/** fe80::/10, or multicast of interface-local or link-local scope. */
export function isLinkLocal(sockaddr: Uint8Array): boolean {
  const first = sockaddr[sockaddrIn6.address]!;
  const second = sockaddr[sockaddrIn6.address + 1]!;
  if (first === 0xff) return (second & 0xf) === 1 || (second & 0xf) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/** @returns the text of the IPv4 address that is in an IPv4-mapped one, ::ffff:0:0/96. */
export function mappedIPv4(sockaddr: Uint8Array): string | undefined {
  const at = sockaddrIn6.address;
  for (let i = 0; i < 12; i++) if (sockaddr[at + i] !== (i < 10 ? 0 : 0xff)) return undefined;
  return `${sockaddr[at + 12]}.${sockaddr[at + 13]}.${sockaddr[at + 14]}.${sockaddr[at + 15]}`;
}
