import type { Address } from "./address.ts";
import { INT } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
  EBADF,
  ENOTCONN,
  F_DUPFD,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPV6_V6ONLY,
  SOL_SOCKET,
  SO_PROTOCOL,
} from "./linux.ts";
import { nextDescriptor, SD_LISTEN_FDS_START } from "./listen-fds.ts";
import type { Options } from "./options.ts";
import { resolveScope } from "./scope.ts";
import { isBoundTo } from "./socket-name.ts";

/**
 * Find the first socket among those that LISTEN_FDS passes to this process that is what the options ask for: of
 * their protocol, bound to their address, for IPv4 or not as --dual-stack says, and not connected. It may be of
 * any network namespace: a container gets those of its host.
 * @returns its descriptor; undefined if there is none.
 */
export function findPassed(options: Options, address: Address): number | undefined {
  const { udp, mptcp, dualStack, netns } = options;
  // The number of an interface is another one in each namespace.
  if (netns !== undefined && address.scope !== undefined) return undefined;
  const protocol = udp ? IPPROTO_UDP : mptcp ? IPPROTO_MPTCP : IPPROTO_TCP;
  // An interface that is not there is not the scope of any socket.
  const { scope, sockaddr } = address;
  if (scope !== undefined && resolveScope(scope, sockaddr) !== 0) return undefined;
  const next = nextDescriptor();
  for (let socket = SD_LISTEN_FDS_START; socket < next; socket++) {
    const passed = optionOf(socket, SOL_SOCKET, SO_PROTOCOL);
    // There are fewer than LISTEN_FDS says.
    if (passed === undefined && errno() === EBADF) return undefined;
    if (passed !== protocol || !isBoundTo(socket, address) || isConnected(socket)) continue;
    const isDualStack = address.family === AF_INET6 && optionOf(socket, IPPROTO_IPV6, IPV6_V6ONLY) === 0;
    if (isDualStack === dualStack) return socket;
  }
  return undefined;
}

/**
 * Take a socket out of those that LISTEN_FDS passes: the ones behind it move up.
 * @returns another descriptor of it. The last number of those that were passed is free.
 * @throws Fatal (exit 111) if there is no descriptor left.
 */
export function takeOut(socket: number): number {
  const next = nextDescriptor();
  const taken = libc.fcntl(socket, F_DUPFD, next);
  if (taken === -1) throw new Fatal(`unable to take descriptor ${socket}`, { errno: errno() });
  let free = socket;
  while (free + 1 < next && libc.dup2(free + 1, free) !== -1) free++;
  libc.close(free);
  return taken;
}

const value = new Uint32Array(1);
const size = new Uint32Array(1);

/** An int of getsockopt(); undefined, and errno says why, where there is none. */
function optionOf(socket: number, level: number, option: number): number | undefined {
  size[0] = INT;
  return libc.getsockopt(socket, level, option, value, size) === 0 ? value[0] : undefined;
}

/** Whether it is a connection: what inetd and Accept=yes pass. */
function isConnected(socket: number): boolean {
  size[0] = 0;
  return libc.getpeername(socket, value, size) === 0 || errno() !== ENOTCONN;
}
