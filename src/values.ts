import { ptr, read, type Pointer } from "bun:ffi";
import { INT, int, readCString } from "./bytes.ts";
import { invalid } from "./failure.ts";
import { libc } from "./libc.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { INT_MAX, parseUnsigned } from "./numbers.ts";
import { sockopts, type Sockopt, type SockoptName } from "./sockopts.ts";

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
const MAX_NAME = 15;

/** @throws Fatal (exit 100) that names the option, unless the C string is a number from `min` to `max`. */
export function numberBetween(name: string, text: Pointer, min: number, max: number): number {
  const value = parseUnsigned(text, max);
  if (value === undefined || value < min) {
    throw invalid(`--${name} must be a number from ${min} to ${max}, not ${said(text)}`);
  }
  return value;
}

/** A value in a message. */
function said(value: Pointer): string {
  return readCString(value) || "empty";
}

/** Powers of 1024, from the first one up: as in systemd.socket(5). */
const UNITS = "KMG";

/** @throws Fatal (exit 100) that names the option, unless the C string is a number of bytes from `min` to `max`. */
function sizeBetween(name: string, text: Pointer, min: number, max: number): number {
  const last = Number(libc.strlen(text)) - 1;
  const unit = last < 0 ? -1 : UNITS.indexOf(String.fromCharCode(read.u8(text, last)));
  const number = parseUnsigned(text, max, unit === -1 ? INT_MAX : last);
  const size = number === undefined ? NaN : number * 1024 ** (unit + 1);
  if (size >= min && size <= max) return size;
  const range = `a number from ${min} to ${max}, which K, M or G may follow`;
  throw invalid(`--${name} must be ${range}, not ${said(text)}`);
}

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
export const sockoptRows: readonly SockoptRow[] = Object.entries<Sockopt>(sockopts).map(([name, sockopt]) => {
  const { inet, inet6, forced, only, needs, type, range, isSize = false, tcpReserved = 0 } = sockopt;
  const number = int(1);
  return {
    ...{ name: name as SockoptName, inet, inet6, forced, only, needs, isBoolean: type === "boolean", range },
    ...{ isSize, reserved: tcpReserved, number, numberAt: ptr(number), value: undefined, size: INT },
  };
});

/** Put the value of a socket option into its row. @throws Fatal (exit 100) */
export function takeSockopt(row: SockoptRow, text: Pointer, udp: boolean): void {
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

/** @returns milliseconds. */
export function seconds(value: Pointer): number {
  const text = readCString(value);
  if (!/^([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)$/.test(text)) {
    throw invalid(`--wait must be a number of seconds such as 10 or 2.5, not ${text || "empty"}`);
  }
  return Number(text) * 1000;
}

/** See "Description" in sd_listen_fds(3) and FileDescriptorName= in systemd.socket(5). */
export function descriptorName(value: Pointer): string {
  const text = readCString(value);
  if (/^[ -9;-~]{1,255}$/.test(text)) return text;
  throw invalid("--fd-name must be 1 to 255 ASCII characters, none of them a colon or a control character");
}

export interface ReportPath {
  readonly path: string;
  /** The one that the path stands for. */
  readonly descriptor: number | undefined;
}

/**
 * The names of descriptors mean these, as in bash: opened anew, a file would be written from its
 * beginning, a socket cannot be, and /proc need not be there.
 */
export function reportPath(value: Pointer): ReportPath {
  const path = readCString(value);
  if (path === "") throw invalid("--report-file must be a path, not empty");
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path) ?? [];
  const named = path === "/dev/stdout" ? STDOUT : path === "/dev/stderr" ? STDERR : undefined;
  return { path, descriptor: number === undefined ? named : Number(number) };
}
