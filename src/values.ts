import { read, type Pointer } from "bun:ffi";
import { readCString } from "./bytes.ts";
import { invalid } from "./failure.ts";
import { libc } from "./libc.ts";
import { STDERR, STDOUT } from "./linux.ts";
import { INT_MAX, parseUnsigned } from "./numbers.ts";

/** @throws Fatal (exit 100) that names the option, unless the C string is a number from `min` to `max`. */
export function numberBetween(name: string, text: Pointer, min: number, max: number): number {
  const value = parseUnsigned(text, max);
  if (value === undefined || value < min) {
    throw invalid(`--${name} must be a number from ${min} to ${max}, not ${said(text)}`);
  }
  return value;
}

/** Powers of 1024, from the first one up: as in systemd.socket(5). */
const UNITS = "KMG";

/** @throws Fatal (exit 100) that names the option, unless the C string is a number of bytes from `min` to `max`. */
export function sizeBetween(name: string, text: Pointer, min: number, max: number): number {
  const last = libc.strlen(text) - 1;
  const unit = last < 0 ? -1 : UNITS.indexOf(String.fromCharCode(read.u8(text, last)));
  const number = parseUnsigned(text, max, unit === -1 ? INT_MAX : last);
  const size = number === undefined ? NaN : number * 1024 ** (unit + 1);
  if (size >= min && size <= max) return size;
  const range = `a number from ${min} to ${max}, which K, M or G may follow`;
  throw invalid(`--${name} must be ${range}, not ${said(text)}`);
}

/** A value in a message. */
export function said(value: Pointer): string {
  return readCString(value) || "empty";
}

/** @returns milliseconds. */
export function seconds(value: Pointer): number {
  const text = readCString(value);
  if (!/^([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)$/.test(text)) {
    throw invalid(`--wait must be a number of seconds such as 10 or 2.5, not ${said(value)}`);
  }
  return Number(text) * 1000;
}

/** See "Description" in sd_listen_fds(3) and FileDescriptorName= in systemd.socket(5). */
export function descriptorName(value: Pointer): string {
  const text = readCString(value);
  if (/^[ -9;-~]{1,255}$/.test(text)) return text;
  throw invalid("--fd-name must be 1 to 255 ASCII characters, none of them a colon or a control character");
}

/** The path of a network namespace. */
export function netnsPath(value: Pointer): string {
  const path = readCString(value);
  if (path === "") throw invalid("--netns must be a path, not empty");
  return path;
}

export interface ReportPath {
  readonly path: string;
  /** The one that the path stands for. */
  readonly descriptor: number | undefined;
}

/**
 * A path that names a descriptor means that descriptor, as in bash. Opened anew, a file would be written from its
 * beginning, a socket could not be written at all, and /proc would have to be there.
 */
export function reportPath(value: Pointer): ReportPath {
  const path = readCString(value);
  if (path === "") throw invalid("--report-file must be a path, not empty");
  const [, number] = /^\/(?:dev|proc\/self)\/fd\/(\d{1,9})$/.exec(path) ?? [];
  const named = path === "/dev/stdout" ? STDOUT : path === "/dev/stderr" ? STDERR : undefined;
  return { path, descriptor: number === undefined ? named : Number(number) };
}
