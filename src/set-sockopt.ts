import { addressOf, INT } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import { MAX_NAME, type SockoptRow } from "./sockopt-values.ts";

/** A value as setsockopt(2) takes it: an int, or the bytes of a C string. */
const int = new Uint32Array((MAX_NAME + 1) / INT);
const bytes = new Uint8Array(int.buffer);
const at = addressOf(int);

/**
 * Set a socket option, which has a value: on both sides of a socket that takes IPv4 and IPv6. Allocates nothing:
 * see Retry.
 * @returns 0, or the errno.
 */
export function setSockopt(
  socket: number,
  { inet, inet6, forced, value }: SockoptRow,
  isInet6: boolean,
  isDualStack: boolean,
): number {
  let size = INT;
  if (typeof value === "string") {
    for (size = 0; size < value.length; size++) bytes[size] = value.charCodeAt(size);
    bytes[size++] = 0;
  } else {
    int[0] = value!;
  }
  for (let side = 0; side < 2; side++) {
    const option = side === 0 ? isInet6 && inet6 : (!isInet6 || isDualStack) && inet;
    if (!option) continue;
    if (forced && libc.setsockopt(socket, forced[0], forced[1], at, size) === 0) continue;
    if (libc.setsockopt(socket, option[0], option[1], at, size) !== 0) return errno();
  }
  return 0;
}
