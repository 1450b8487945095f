import { errno, libc } from "./libc.ts";
import type { SockoptRow } from "./sockopt-values.ts";
import type { SocketOption } from "./sockopts.ts";

/**
 * Set a socket option: on both sides of a socket that takes IPv4 and IPv6, and not at all if it has no value.
 * Allocates nothing: see Retry.
 * @returns 0, or the errno.
 */
export function setSockopt(
  socket: number,
  { inet, inet6, forced, value, size }: SockoptRow,
  isInet6: boolean,
  isDualStack: boolean,
): number {
  if (size === 0) return 0;
  for (let side = 0; side < 2; side++) {
    const option = side === 0 ? isInet6 && inet6 : (!isInet6 || isDualStack) && inet;
    if (!option || (forced && takes(socket, forced, value, size))) continue;
    if (!takes(socket, option, value, size)) return errno();
  }
  return 0;
}

function takes(socket: number, option: SocketOption, value: Uint32Array, size: number): boolean {
  return libc.setsockopt(socket, option[0], option[1], value, size) === 0;
}
