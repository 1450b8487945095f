import { Failure } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from "./linux.ts";
import type { Options } from "./options.ts";

/** Where prog finds the socket. */
const STDIN = 0;

/**
 * Make stdin a socket, bound and (unless the backlog is 0) listening.
 * @throws Failure (exit 111) naming the system call that failed.
 */
export function openSocket({ address, udp, blocking, reuseAddress, backlog }: Options): void {
  const { ip, port, family, sockaddr } = address;
  const type = (udp ? SOCK_DGRAM : SOCK_STREAM) | (blocking ? 0 : SOCK_NONBLOCK);

  // The lowest free descriptor is the one that socket() returns.
  libc().close(STDIN);
  if (libc().socket(family, type, 0) !== STDIN) throw failure("create socket");
  if (family === AF_INET6 && setInt(IPPROTO_IPV6, IPV6_V6ONLY, 1) !== 0) throw failure("create socket");
  // Its failure alone has never been one: the original ignores it, too.
  if (reuseAddress) setInt(SOL_SOCKET, SO_REUSEADDR, 1);
  if (libc().bind(STDIN, sockaddr, sockaddr.length) !== 0) throw failure(`bind to ${ip} port ${port} `);
  if (backlog !== 0 && libc().listen(STDIN, backlog | 0) !== 0)
    throw failure(`listen to ${ip} port ${port} `);
}

function setInt(level: number, option: number, value: number): number {
  return libc().setsockopt(STDIN, level, option, new Int32Array([value]), 4);
}

function failure(attempt: string): Failure {
  return new Failure(`unable to ${attempt}`, undefined, errno());
}
