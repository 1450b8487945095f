import { ptr } from "bun:ffi";
import { FAMILY, layoutOf, PORT, sockaddrIn6, type Address } from "./address.ts";
import { readCString } from "./bytes.ts";
import { libc } from "./libc.ts";

/** The longest text of an address, with its NUL: netinet/in.h. */
const INET6_ADDRSTRLEN = 46;

/** A struct sockaddr_in or sockaddr_in6, and its size. */
const sockaddr = new Uint8Array(sockaddrIn6.size);
const size = new Uint32Array(1);

/** Ask for the address of a socket: getsockname(2). @returns whether the kernel tells. */
function ask(socket: number): boolean {
  size[0] = sockaddr.length;
  return libc.getsockname(socket, sockaddr, size) === 0;
}

/**
 * The ip and the port of a socket, in text. A link-local address has the scope that it was given, without which
 * it cannot be used.
 * @returns undefined, and errno says why, where the kernel does not tell.
 */
export function boundAddress(socket: number, { scope }: Address): { ip: string; port: number } | undefined {
  if (!ask(socket)) return undefined;
  const family = sockaddr[FAMILY]!;
  const text = new Uint8Array(INET6_ADDRSTRLEN);
  libc.inet_ntop(family, ptr(sockaddr, layoutOf(family).address), text, text.length);
  const ip = readCString(ptr(text));
  const port = (sockaddr[PORT]! << 8) | sockaddr[PORT + 1]!;
  return { ip: scope === undefined ? ip : `${ip}%${scope.text}`, port };
}

/** Whether a socket is bound to an address, its scope included; for port 0 to any port of it. */
export function isBoundTo(socket: number, wanted: Address): boolean {
  if (!ask(socket) || sockaddr[FAMILY] !== wanted.family) return false;
  const isBound = isEqual(wanted.sockaddr, PORT, PORT + 2);
  const isUnbound = sockaddr[PORT] === 0 && sockaddr[PORT + 1] === 0;
  const isAnyPort = wanted.sockaddr[PORT] === 0 && wanted.sockaddr[PORT + 1] === 0;
  if (isUnbound || !(isBound || isAnyPort)) return false;
  const { address, end } = layoutOf(wanted.family);
  return isEqual(wanted.sockaddr, address, end);
}

function isEqual(wanted: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (sockaddr[at] !== wanted[at]) return false;
  return true;
}
