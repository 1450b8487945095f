import { anyIPv4, resolveScope, type Address } from "./address.ts";
import { Failure } from "./failure.ts";
import { extensions as load } from "./lazy.ts";
import { errno, int, libc } from "./libc.ts";
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
  resolveScope(options.address);
  if (!options.extensions || options.extensions.fd === STDIN) libc().close(STDIN);
  const { socket, address } = createSocket(options);
  configure(socket, address, options);
  bind(socket, address, options);
  if (options.backlog !== 0 && libc().listen(socket, options.backlog | 0) !== 0) {
    throw failure(`listen to ${at(address)} `);
  }
  return socket;
}

/** @returns the socket, and the address to bind it to: another one where there is no IPv6. */
function createSocket({ address, udp, blocking, extensions }: Options) {
  const type = (udp ? Linux.SOCK_DGRAM : Linux.SOCK_STREAM) | (blocking ? 0 : Linux.SOCK_NONBLOCK);
  const protocol = extensions?.mptcp ? Linux.IPPROTO_MPTCP : 0;
  const create = (address: Address) => ({ socket: libc().socket(address.family, type, protocol), address });

  const created = create(address);
  if (created.socket >= 0) return created;
  const error = errno();
  const fallback = extensions?.dualStack && error === Linux.EAFNOSUPPORT ? anyIPv4(address) : undefined;
  if (!fallback) throw new Failure("unable to create socket", error);
  const second = create(fallback);
  if (second.socket < 0) throw failure("create socket");
  return second;
}

function configure(socket: number, address: Address, { reuseAddress, extensions }: Options): void {
  const { dualStack, settings } = extensions ?? { dualStack: false, settings: [] };
  const set = (level: number, option: number, value: Uint8Array) =>
    libc().setsockopt(socket, level, option, value, value.length);

  const inet6 = address.family === Linux.AF_INET6;
  if (inet6 && set(Linux.IPPROTO_IPV6, Linux.IPV6_V6ONLY, int(dualStack ? 0 : 1)) !== 0)
    throw failure("create socket");
  // Its failure alone has never been one: the original ignores it, too.
  if (reuseAddress) set(Linux.SOL_SOCKET, Linux.SO_REUSEADDR, int(1));
  for (const setting of settings) {
    const sides = [inet6 && setting.inet6, (!inet6 || dualStack) && setting.inet];
    for (const side of sides) {
      if (side && set(...side, setting.value) !== 0) throw failure(`set ${setting.name} on ${at(address)}`);
    }
  }
}

function bind(socket: number, address: Address, { extensions }: Options): void {
  const { sockaddr } = address;
  const attempt = () => (libc().bind(socket, sockaddr, sockaddr.length) === 0 ? 0 : errno());
  const error = extensions ? load().persist(attempt, extensions.wait) : attempt();
  if (error !== 0) throw new Failure(`unable to bind to ${at(address)} `, error);
}

function at({ ip, port }: Address): string {
  return `${ip} port ${port}`;
}

function failure(attempt: string): Failure {
  return new Failure(`unable to ${attempt}`, errno());
}
