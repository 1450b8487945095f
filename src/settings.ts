import type { Pointer } from "bun:ffi";
import type { Given } from "./arguments.ts";
import { invalid } from "./failure.ts";
import { cString, INT, int } from "./libc.ts";
import { parseUnsigned } from "./numbers.ts";
import { socketSettings, type SettingName, type SocketSetting } from "./setting-table.ts";

/** A setting that was asked for, with its value as setsockopt() takes it. */
export type Setting = SocketSetting & SettingValue & { readonly name: string };

interface SettingValue {
  readonly value: Pointer;
  /** Its size, in bytes. */
  readonly size: number;
}

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
const MAX_NAME = 15;

/**
 * The settings that were given, in the order of the table.
 * @param inet6Only whether what is for IPv4 alone would have no effect.
 * @throws Failure (exit 100) for one that does not fit, or a wrong value.
 */
export function resolveSettings(given: Given, udp: boolean, inet6Only: boolean): Setting[] {
  return (Object.entries(socketSettings) as [SettingName, SocketSetting][])
    .filter(([name]) => name in given)
    .map(([name, setting]) => {
      const { only, needs, inet6 } = setting;
      if (only && only !== (udp ? "udp" : "tcp"))
        throw invalid(`--${name} is for ${only.toUpperCase()} sockets`);
      if (inet6Only && !inet6) throw invalid(`--${name} needs an IPv4 address`);
      if (needs && !(needs in given)) throw invalid(`--${name} goes with --${needs}`);
      return { ...setting, name, ...settingValue(name, given[name] ?? "", setting, udp) };
    });
}

function settingValue(name: string, text: string, setting: SocketSetting, udp: boolean): SettingValue {
  const { type, range, tcpReserved = 0 } = setting;
  if (type === "boolean") return { value: int(1), size: INT };
  if (!range) {
    if (text !== "" && text.length <= MAX_NAME) return { value: cString(text), size: text.length + 1 };
    throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${text || "empty"}`);
  }
  const number = numberBetween(name, text, ...range);
  if (!udp && (number & tcpReserved) !== 0) {
    throw invalid(`--${name} must be a multiple of ${tcpReserved + 1} for TCP, not ${text}`);
  }
  return { value: int(number), size: INT };
}

/** @throws Failure (exit 100) that names the option, unless `text` is a number from `min` to `max`. */
export function numberBetween(name: string, text: string, min: number, max: number): number {
  const value = parseUnsigned(text, max);
  if (value === undefined || value < min) {
    throw invalid(`--${name} must be a number from ${min} to ${max}, not ${text || "empty"}`);
  }
  return value;
}
