import { ptr, type Pointer } from "bun:ffi";
import { INT, int, readCString } from "./bytes.ts";
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
  /** Where its number goes, if it has one. */
  readonly number: Uint32Array;
  readonly numberAt: Pointer;
  /** undefined: it was not given. */
  value: Pointer | undefined;
  /** The size of the value, in bytes. */
  size: number;
}

/** In the order in which they are set. */
const rows: readonly SockoptRow[] = Object.entries<Sockopt>(sockopts).map(([name, sockopt]) => {
  const { inet, inet6, forced, only, needs, type, range, isSize = false, tcpReserved = 0 } = sockopt;
  const number = int(1);
  return {
    ...{ name: name as SockoptName, inet, inet6, forced, only, needs, isBoolean: type === "boolean", range },
    ...{ isSize, reserved: tcpReserved, number, numberAt: ptr(number), value: undefined, size: INT },
  };
});

/**
 * Give the socket options their values.
 * @param inet6Only whether what is for IPv4 alone would have no effect.
 */
export function resolveSockopts(flags: Flags, udp: boolean, inet6Only: boolean): readonly SockoptRow[] {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    row.value = undefined;
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

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
const MAX_NAME = 15;

/** Put the value of a socket option into its row. @throws Fatal (exit 100) */
function takeValue(row: SockoptRow, text: Pointer, udp: boolean): void {
  const { name, isBoolean, range, isSize, reserved, number } = row;
  if (!isBoolean && !range) {
    row.value = text;
    row.size = Number(libc.strlen(text)) + 1;
    if (row.size > 1 && row.size <= MAX_NAME + 1) return;
    throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${said(text)}`);
  }
  row.value = row.numberAt;
  if (!range) return;
  const between = isSize ? sizeBetween : numberBetween;
  const given = between(name, text, range[0], range[1]);
  if (!udp && (given & reserved) !== 0) {
    throw invalid(`--${name} must be a multiple of ${reserved + 1} for TCP, not ${readCString(text)}`);
  }
  number[0] = given;
}
