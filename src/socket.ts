import { anyIPv4, resolveScope, type Address } from "./address.ts";
import type { Extensions } from "./extensions.ts";
import { Failure } from "./failure.ts";
import { extensions as load } from "./lazy.ts";
import { errno, INT, int, libc } from "./libc.ts";
import { Linux } from "./linux.ts";
import type { Options } from "./options.ts";

const STDIN = 0;

/**
 * Open a socket, bound and (unless the backlog is 0) listening. If it is to be
 * stdin, it is at once: whatever stdin was is closed first.
 * @returns its descriptor.
 * @throws Failure (exit 111) naming the system call that failed.
 */
export function openSocket(options: Options): number {
  const { udp, blocking, reuseAddress, backlog, extensions } = options;
  let { address } = options;
  if (address.scope !== undefined) resolveScope(address.scope, address.sockaddr);
  if (!extensions || extensions.fd === STDIN) libc().close(STDIN);

  const type = (udp ? Linux.SOCK_DGRAM : Linux.SOCK_STREAM) | (blocking ? 0 : Linux.SOCK_NONBLOCK);
  const protocol = extensions?.mptcp ? Linux.IPPROTO_MPTCP : 0;
  let socket = libc().socket(address.family, type, protocol);
  if (socket < 0) {
    const error = errno();
    const withoutIPv6 = extensions?.dualStack && error === Linux.EAFNOSUPPORT ? anyIPv4(address) : undefined;
    if (!withoutIPv6) throw new Failure("unable to create socket", error);
    address = withoutIPv6;
    socket = libc().socket(address.family, type, protocol);
    if (socket < 0) throw failure("create socket");
  }

  if (address.family === Linux.AF_INET6) {
    const only = int(extensions?.dualStack ? 0 : 1);
    if (libc().setsockopt(socket, Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, only, INT) !== 0) {
      throw failure("create socket");
    }
  }
  // Its failure alone has never been one: the original ignores it, too.
  if (reuseAddress) libc().setsockopt(socket, Linux.SOL_SOCKET, Linux.SO_REUSEADDR, int(1), INT);
  if (extensions) configure(socket, address, extensions);

  const { sockaddr, size } = address;
  let bound = false;
  const attempt = () => {
    bound ||= libc().bind(socket, sockaddr, size) === 0;
    return bound && (backlog === 0 || libc().listen(socket, backlog | 0) === 0) ? 0 : errno();
  };
  const error = extensions ? load().persist(attempt, extensions.wait) : attempt();
  if (error !== 0) throw new Failure(`unable to ${bound ? "listen" : "bind"} to ${at(address)} `, error);
  return socket;
}

/** Set what was asked for: on both sides of a socket that takes IPv4 and IPv6. */
function configure(socket: number, address: Address, { dualStack, settings }: Extensions): void {
  const inet6 = address.family === Linux.AF_INET6;
  for (const { name, value, size, ...setting } of settings) {
    for (const side of [inet6 && setting.inet6, (!inet6 || dualStack) && setting.inet]) {
      if (side && libc().setsockopt(socket, ...side, value, size) !== 0) {
        throw failure(`set ${name} on ${at(address)}`);
      }
    }
  }
}

function at({ ip, port }: Address): string {
  return `${ip} port ${port}`;
}

function failure(attempt: string): Failure {
  return new Failure(`unable to ${attempt}`, errno());
}
