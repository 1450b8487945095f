import type { Pointer } from "bun:ffi";
import type { Address } from "./address.ts";
import { addressOf, bytesOf, readText, type Bytes } from "./bytes.ts";
import { libc } from "./libc.ts";
import { AF_INET6 } from "./linux.ts";
import { FAMILY, layoutOf, PORT, sockaddrIn, sockaddrIn6 } from "./sockaddr.ts";

/** The longest text of an address, with its NUL: netinet/in.h. */
const INET6_ADDRSTRLEN = 46;

const DOT = ".".charCodeAt(0);
const SPACE = " ".charCodeAt(0);
const NEWLINE = "\n".charCodeAt(0);
const ZERO = "0".charCodeAt(0);
const UNITS = [10_000, 1000, 100, 10, 1];

// Made once, since each page that a run takes costs time.
/** A struct sockaddr_in or sockaddr_in6, and its size. */
const sockaddr = new Uint8Array(sockaddrIn6.size);
const sockaddrAt = addressOf(sockaddr);
const size = new Uint32Array(1);
const sizeAt = addressOf(size);
const text = new Uint8Array(INET6_ADDRSTRLEN + " 65535\n".length);
const line = { memory: text, address: addressOf(text), size: 0 };

/**
 * The ip and the port of a socket, in a line. A link-local address has the scope that it was given, without which
 * it cannot be used.
 * @returns what the next call overwrites; undefined, and errno says why, where the kernel does not tell.
 */
export function boundLine(socket: number, { scope }: Address): Bytes | undefined {
  size[0] = sockaddrIn6.size;
  if (libc.getsockname(socket, sockaddrAt, sizeAt) !== 0) return undefined;
  if (sockaddr[FAMILY] === AF_INET6) {
    libc.inet_ntop(AF_INET6, (sockaddrAt + sockaddrIn6.address) as Pointer, line.address, INET6_ADDRSTRLEN);
    line.size = libc.strlen(line.address);
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

/** Without a division, whose quotient would be no integer: what makes it one again takes many pages. */
function appendDecimal(number: number): void {
  let rest = number;
  for (let i = 0; i < UNITS.length; i++) {
    const unit = UNITS[i]!;
    if (number < unit && unit > 1) continue;
    let digit = ZERO;
    for (; rest >= unit; rest -= unit) digit++;
    text[line.size++] = digit;
  }
}

/** Whether a socket is bound to an address, its scope included; for port 0 to any port of it. */
export function isBoundTo(socket: number, wanted: Address): boolean {
  size[0] = sockaddrIn6.size;
  if (libc.getsockname(socket, sockaddrAt, sizeAt) !== 0 || sockaddr[FAMILY] !== wanted.family) return false;
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
