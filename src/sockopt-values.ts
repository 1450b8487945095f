import type { Pointer } from "bun:ffi";
import { INT, readCString } from "./bytes.ts";
import { invalid } from "./failure.ts";
import type { Flags } from "./flags.ts";
import { libc } from "./libc.ts";
import { sockopts, type Sockopt, type SockoptName } from "./sockopts.ts";
import { numberBetween, said, sizeBetween } from "./values.ts";

/** A socket option, with its value as setsockopt() takes it where it was given. All are of one shape. */
export interface SockoptRow {
  readonly name: SockoptName;
  readonly inet: Sockopt["inet"];
  readonly inet6: Sockopt["inet6"];
  readonly only: Sockopt["only"];
  readonly forced: Sockopt["forced"];
  readonly needs: Sockopt["needs"];
  readonly isBoolean: boolean;
  readonly range: Sockopt["range"];
  readonly isSize: boolean;
  readonly reserved: number;
  /** A number, which is 1 for what is on or off; or a name, as a C string. */
  readonly value: Uint32Array;
  /** The size of the value, in bytes; 0: it was not given. */
  size: number;
}

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
const MAX_NAME = 15;

/** In the order in which they are set. */
const rows: readonly SockoptRow[] = Object.entries<Sockopt>(sockopts).map(([name, sockopt]) => {
  const { inet, inet6, forced, only, needs, type, range, isSize = false, tcpReserved = 0 } = sockopt;
  const value = new Uint32Array((MAX_NAME + 1) / INT);
  value[0] = 1;
  return {
    ...{ name: name as SockoptName, inet, inet6, forced, only, needs, isBoolean: type === "boolean", range },
    ...{ isSize, reserved: tcpReserved, value, size: 0 },
  };
});

/**
 * Give the socket options their values.
 * @param inet6Only whether what is for IPv4 alone would have no effect.
 */
export function resolveSockopts(flags: Flags, udp: boolean, inet6Only: boolean): readonly SockoptRow[] {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    row.size = 0;
    const text = flags.get(row.name);
    if (text === undefined) continue;
    const { name, only, needs, inet6 } = row;
    if (only !== undefined && only !== (udp ? "udp" : "tcp")) {
      throw invalid(`--${name} is for ${only.toUpperCase()} sockets`);
    }
    if (inet6Only && !inet6) throw invalid(`--${name} needs an IPv4 address`);
    if (needs !== undefined && !flags.has(needs)) throw invalid(`--${name} goes with --${needs}`);
    takeValue(row, text, udp);
  }
  return rows;
}

/** Put the value of a socket option into its row. @throws Fatal (exit 100) */
function takeValue(row: SockoptRow, text: Pointer, udp: boolean): void {
  const { name, isBoolean, range, isSize, reserved, value } = row;
  if (!isBoolean && !range) {
    const length = Number(libc.strlen(text));
    if (length === 0 || length > MAX_NAME) {
      throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${said(text)}`);
    }
    row.size = length + 1;
    libc.memcpy(value, text, row.size);
    return;
  }
  row.size = INT;
  if (!range) return;
  const between = isSize ? sizeBetween : numberBetween;
  const given = between(name, text, range[0], range[1]);
  if (!udp && (given & reserved) !== 0) {
    throw invalid(`--${name} must be a multiple of ${reserved + 1} for TCP, not ${readCString(text)}`);
  }
  value[0] = given;
}
