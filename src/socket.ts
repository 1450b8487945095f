import { anyIPv4, resolveScope, type Address } from "./address.ts";
import { INT, int } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
  EAFNOSUPPORT,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPV6_V6ONLY,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_REUSEADDR,
  STDIN,
} from "./linux.ts";
import type { GivenSockopt, Options } from "./options.ts";
import { Retry } from "./retry.ts";

/**
 * Open a socket, bound and (unless the backlog is 0) listening. If it is to be
 * stdin, it is at once: whatever stdin was is closed first.
 * @returns its descriptor.
 * @throws Fatal (exit 111) naming the system call that failed.
 */
export function openSocket(options: Options): number {
  const { udp, mptcp, blocking, reuseAddress, dualStack, sockopts, backlog } = options;
  let { address } = options;
  const scopeError = resolveScope(address);
  if (scopeError !== 0) throw new Fatal(`unable to find interface ${address.scope}`, scopeError);
  if (options.fd === STDIN) libc.close(STDIN);

  const type = (udp ? SOCK_DGRAM : SOCK_STREAM) | (blocking ? 0 : SOCK_NONBLOCK);
  const protocol = mptcp ? IPPROTO_MPTCP : 0;
  let socket = libc.socket(address.family, type, protocol);
  if (socket < 0) {
    const error = errno();
    const withoutIPv6 = dualStack && error === EAFNOSUPPORT ? anyIPv4(address) : undefined;
    if (!withoutIPv6) throw new Fatal("unable to create socket", error);
    address = withoutIPv6;
    socket = libc.socket(address.family, type, protocol);
    if (socket < 0) throw new Fatal("unable to create socket", errno());
  }

  if (address.family === AF_INET6) {
    if (libc.setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, int(dualStack ? 0 : 1), INT) !== 0) {
      throw new Fatal("unable to create socket", errno());
    }
  }
  // Ignore failure, as the original does.
  if (reuseAddress) libc.setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, int(1), INT);
  for (let i = 0; i < sockopts.length; i++) configure(socket, address, dualStack, sockopts[i]!);

  const { sockaddr } = address;
  const retry = new Retry(options.wait);
  while (libc.bind(socket, sockaddr, sockaddr.length) !== 0) {
    const error = errno();
    if (!retry.after(error)) throw new Fatal(`unable to bind to ${at(address)} `, error);
  }
  // Two that wait may both bind, with SO_REUSEADDR, and then only one of them listens.
  while (backlog !== 0 && libc.listen(socket, backlog | 0) !== 0) {
    const error = errno();
    if (!retry.after(error)) throw new Fatal(`unable to listen to ${at(address)} `, error);
  }
  return socket;
}

/** Set a socket option: on both sides of a socket that takes IPv4 and IPv6. */
function configure(socket: number, address: Address, dualStack: boolean, given: GivenSockopt): void {
  const { sockopt, value } = given;
  const inet6 = address.family === AF_INET6;
  for (let side = 0; side < 2; side++) {
    const option = side === 0 ? inet6 && sockopt.inet6 : (!inet6 || dualStack) && sockopt.inet;
    if (option && libc.setsockopt(socket, option[0], option[1], value, value.byteLength) !== 0) {
      throw new Fatal(`unable to set ${given.name} on ${at(address)}`, errno());
    }
  }
}

function at({ ip, port }: Address): string {
  return `${ip} port ${port}`;
}
