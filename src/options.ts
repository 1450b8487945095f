import { parseAddress, parseUnsigned, type Address } from "./address.ts";
import type { Given } from "./arguments.ts";
import type { OptionName } from "./command.ts";
import { invalid, UsageFailure } from "./failure.ts";
import { cString } from "./libc.ts";
import { AF_INET6 } from "./linux.ts";
import type { SocketSetting } from "./settings.ts";

/** Loaded when there are options, like the definition that it is a part of. */
const settings = () => require("./settings.ts") as typeof import("./settings.ts");

/** A setting that was asked for, with its value as setsockopt() takes it. */
export type Setting = SocketSetting & { readonly name: string; readonly value: Uint8Array };

/** Everything that the arguments ask for, valid as far as it can be known before the system is asked. */
export interface Options {
  readonly address: Address;
  readonly udp: boolean;
  readonly mptcp: boolean;
  readonly blocking: boolean;
  readonly reuseAddress: boolean;
  readonly dualStack: boolean;
  readonly settings: readonly Setting[];
  /** Length of the queue of connections; 0: do not listen. */
  readonly backlog: number;
  /** For how long to retry bind(), in milliseconds. */
  readonly wait: number;
  /** The descriptor that the socket becomes; undefined: only the one that is announced. */
  readonly fd: number | undefined;
  /** The name under which the socket is announced by LISTEN_FDS; undefined: it is not. */
  readonly fdName: string | undefined;
  readonly reportFd: number | undefined;
  readonly reportFile: string | undefined;
  readonly prog: string;
}

/** The kernel cuts it to net.core.somaxconn: "the maximum allowed by the system". See listen(2). */
const MAX_BACKLOG = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;
const MAX_FD = 2 ** 31 - 1;

/** @throws Failure or UsageFailure (exit 100) that says which value is wrong. */
export function resolveOptions(given: Given, ip?: string, port?: string, prog?: string): Options {
  if (ip === undefined || port === undefined || prog === undefined) {
    const missing = ip === undefined ? "ip, port and prog" : port === undefined ? "port and prog" : "prog";
    throw new UsageFailure(`missing ${missing}`);
  }
  const backlog = parseUnsigned(given.get("backlog") ?? String(MAX_BACKLOG), UINT_MAX);
  if (backlog === undefined) throw invalid("backlog must be an unsigned integer");

  const address = parseAddress(ip, port);
  const udp = given.has("udp");
  const dualStack = given.has("dual-stack");
  const mptcp = given.has("mptcp");
  if (dualStack && address.family !== AF_INET6)
    throw invalid(`--dual-stack needs an IPv6 address, not ${ip}`);
  if (mptcp && udp) throw invalid("--mptcp is for TCP sockets");

  const reportFd = number(given, "report-fd", 0, MAX_FD);
  const fd = number(given, "fd", 0, MAX_FD) ?? (given.has("listen-fds") ? undefined : 0);
  if (fd === 0 && reportFd === 0)
    throw invalid("--report-fd must be another descriptor than the socket's, 0");
  return {
    address,
    udp,
    mptcp,
    dualStack,
    blocking: given.has("block"),
    reuseAddress: !given.has("no-reuse-address"),
    settings: resolveSettings(given, udp, address.family === AF_INET6 && !dualStack),
    backlog,
    wait: seconds(given) * 1000,
    fd,
    fdName: descriptorName(given),
    reportFd,
    reportFile: path(given, "report-file"),
    prog,
  };
}

/** @param inet6Only whether what is for IPv4 alone would have no effect. */
function resolveSettings(given: Given, udp: boolean, inet6Only: boolean): Setting[] {
  if (given.size === 0) return [];
  const { socketSettings } = settings();
  return (Object.entries(socketSettings) as [keyof typeof socketSettings, SocketSetting][])
    .filter(([name]) => given.has(name))
    .map(([name, setting]) => {
      const { only, needs, inet6 } = setting;
      if (only && only !== (udp ? "udp" : "tcp")) {
        throw invalid(`--${name} is for ${only.toUpperCase()} sockets`);
      }
      if (inet6Only && !inet6) throw invalid(`--${name} needs an IPv4 address`);
      if (needs && !given.has(needs)) throw invalid(`--${name} goes with --${needs}`);
      return { ...setting, name, value: settingValue(given, name, setting) };
    });
}

function settingValue(given: Given, name: OptionName, { type, range }: SocketSetting): Uint8Array {
  if (type === "boolean") return int(1);
  if (range) return int(number(given, name, ...range)!);
  const { MAX_NAME } = settings();
  const text = given.get(name)!;
  if (text === "" || text.length > MAX_NAME) {
    throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${text || "empty"}`);
  }
  return cString(text);
}

/** `value` as a C int (or unsigned int). */
export function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function number(given: Given, name: OptionName, min: number, max: number): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const value = parseUnsigned(text, max);
  if (value === undefined || value < min) {
    throw invalid(`--${name} must be a number from ${min} to ${max}, not ${text || "empty"}`);
  }
  return value;
}

function seconds(given: Given): number {
  const text = given.get("wait");
  if (text === undefined) return 0;
  if (!/^[0-9]{1,9}(\.[0-9]+)?$/.test(text)) {
    throw invalid(`--wait must be a number of seconds such as 10 or 2.5, not ${text || "empty"}`);
  }
  return Number(text);
}

/** See "Description" in sd_listen_fds(3) and FileDescriptorName= in systemd.socket(5). */
function descriptorName(given: Given): string | undefined {
  const name = given.get("fd-name");
  if (!given.has("listen-fds")) {
    if (name !== undefined) throw invalid("--fd-name goes with --listen-fds");
    return undefined;
  }
  if (name !== undefined && !/^[ -9;-~]{1,255}$/.test(name)) {
    throw invalid("--fd-name must be 1 to 255 ASCII characters, none of them a colon or a control character");
  }
  return name ?? "unknown";
}

function path(given: Given, name: OptionName): string | undefined {
  const text = given.get(name);
  if (text === "") throw invalid(`--${name} must be a path, not empty`);
  return text;
}
