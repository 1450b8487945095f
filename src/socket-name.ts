import { ptr } from "bun:ffi";
import type { Address } from "./address.ts";
import { bytesOf, readText, type Bytes } from "./bytes.ts";
import { libc } from "./libc.ts";
import { AF_INET6 } from "./linux.ts";
import { FAMILY, layoutOf, PORT, sockaddrIn, sockaddrIn6 } from "./sockaddr.ts";

/** The longest text of an address, with its NUL: netinet/in.h. */
const INET6_ADDRSTRLEN = 46;

const DOT = ".".charCodeAt(0);
const SPACE = " ".charCodeAt(0);
const NEWLINE = "\n".charCodeAt(0);
const ZERO = "0".charCodeAt(0);

// Made once, since each page that a run takes costs time.
/** A struct sockaddr_in or sockaddr_in6, and its size. */
const sockaddr = new Uint8Array(sockaddrIn6.size);
const sockaddr6At = ptr(sockaddr, sockaddrIn6.address);
const size = new Uint32Array(1);
const text = new Uint8Array(INET6_ADDRSTRLEN + " 65535\n".length);
const line = { memory: text, address: ptr(text), size: 0 };

/** Ask for the address of a socket: getsockname(2). @returns whether the kernel tells. */
function ask(socket: number): boolean {
  size[0] = sockaddrIn6.size;
  return libc.getsockname(socket, sockaddr, size) === 0;
}

/**
 * The ip and the port of a socket, in a line. A link-local address has the scope that it was given, without which
 * it cannot be used.
 * @returns what the next call overwrites; undefined, and errno says why, where the kernel does not tell.
 */
export function boundLine(socket: number, { scope }: Address): Bytes | undefined {
  if (!ask(socket)) return undefined;
  if (sockaddr[FAMILY] === AF_INET6) {
    libc.inet_ntop(AF_INET6, sockaddr6At, line.address, INET6_ADDRSTRLEN);
    line.size = Number(libc.strlen(line.address));
  } else {
    // Without libc: its inet_ntop() goes through printf(), which takes many pages.
    line.size = 0;
    for (let i = 0; i < 4; i++) {
      if (i > 0) text[line.size++] = DOT;
      appendDecimal(sockaddr[sockaddrIn.address + i]!);
    }
  }
  const port = (sockaddr[PORT]! << 8) | sockaddr[PORT + 1]!;
  if (scope !== undefined) {
    return bytesOf(`${readText(line.address, line.size)}%${scope.name} ${port}\n`);
  }
  text[line.size++] = SPACE;
  appendDecimal(port);
  text[line.size++] = NEWLINE;
  return line;
}

function appendDecimal(number: number): void {
  let unit = 1;
  while (unit * 10 <= number) unit *= 10;
  for (; unit >= 1; unit /= 10) text[line.size++] = ZERO + (((number / unit) | 0) % 10);
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
