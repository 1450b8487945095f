import { cString, int } from "./bytes.ts";
import { invalid } from "./failure.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { parseUnsigned } from "./numbers.ts";
import type { Sockopt } from "./sockopts.ts";

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
const MAX_NAME = 15;

/** @throws Fatal (exit 100) that names the option, unless `text` is a number from `min` to `max`. */
export function numberBetween(name: string, text: string, min: number, max: number): number {
  const value = parseUnsigned(text, max);
  if (value === undefined || value < min) {
    throw invalid(`--${name} must be a number from ${min} to ${max}, not ${text || "empty"}`);
  }
  return value;
}

/** Powers of 1024, from the first one up: as in systemd.socket(5). */
const UNITS = "KMG";

/** @throws Fatal (exit 100) that names the option, unless `text` is a number of bytes from `min` to `max`. */
function sizeBetween(name: string, text: string, min: number, max: number): number {
  const unit = text === "" ? -1 : UNITS.indexOf(text.charAt(text.length - 1));
  const number = parseUnsigned(unit === -1 ? text : text.slice(0, -1), max);
  const size = number === undefined ? NaN : number * 1024 ** (unit + 1);
  if (size >= min && size <= max) return size;
  const range = `a number from ${min} to ${max}, which K, M or G may follow`;
  throw invalid(`--${name} must be ${range}, not ${text || "empty"}`);
}

/** What setsockopt() takes: an int, or a name. */
export function sockoptValue(name: string, text: string, sockopt: Sockopt, udp: boolean): NodeJS.TypedArray {
  const { type, range, isSize = false, tcpReserved = 0 } = sockopt;
  if (type === "boolean") return int(1);
  if (!range) {
    if (text !== "" && text.length <= MAX_NAME) return cString(text);
    throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${text || "empty"}`);
  }
  const between = isSize ? sizeBetween : numberBetween;
  const number = between(name, text, range[0], range[1]);
  if (!udp && (number & tcpReserved) !== 0) {
    throw invalid(`--${name} must be a multiple of ${tcpReserved + 1} for TCP, not ${text}`);
  }
  return int(number);
}

/** @returns milliseconds. */
export function seconds(text: string): number {
  if (!/^([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)$/.test(text)) {
    throw invalid(`--wait must be a number of seconds such as 10 or 2.5, not ${text || "empty"}`);
  }
  return Number(text) * 1000;
}

/** See "Description" in sd_listen_fds(3) and FileDescriptorName= in systemd.socket(5). */
export function descriptorName(text: string): string {
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
export function reportPath(path: string): ReportPath {
  if (path === "") throw invalid("--report-file must be a path, not empty");
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path) ?? [];
  const named = path === "/dev/stdout" ? STDOUT : path === "/dev/stderr" ? STDERR : undefined;
  return { path, descriptor: number === undefined ? named : Number(number) };
}
