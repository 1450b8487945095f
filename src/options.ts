import type { Pointer } from "bun:ffi";
import { readCString } from "./bytes.ts";
import { inet, parseAddress, type Address } from "./address.ts";
import { invalid } from "./failure.ts";
import type { Flags } from "./flags.ts";
import { AF_INET6, STDIN } from "./linux.ts";
import { INT_MAX, parseUnsigned, UINT_MAX } from "./numbers.ts";
import { tookAddress } from "./operands.ts";
import { noOptions, type CommandLine } from "./parse.ts";
import { resolveSockopts, type SockoptRow } from "./sockopt-values.ts";
import { descriptorName, netnsPath, numberBetween, reportPath, seconds, type ReportPath } from "./values.ts";

/**
 * Everything that the arguments ask for, valid as far as it can be known before the system is asked: plain data, with
 * no address of memory in it.
 */
export interface Options {
  readonly address: Address;
  readonly udp: boolean;
  readonly mptcp: boolean;
  readonly blocking: boolean;
  readonly reuseAddress: boolean;
  /** Whether an IPv6 socket takes IPv4, too. */
  readonly dualStack: boolean;
  /** In the order in which they are set: those that have a value. */
  readonly sockopts: readonly SockoptRow[];
  /** Length of the queue of connections; 0: do not listen. */
  readonly backlog: number;
  /** For how long to try again, in milliseconds. */
  readonly wait: number;
  /** The path of the network namespace that the socket is made in; undefined: ours. */
  readonly netns: string | undefined;
  /** Whether to take a socket that LISTEN_FDS passes. */
  readonly adopt: boolean;
  /** The descriptor that the socket becomes; undefined: only the one that LISTEN_FDS passes. */
  readonly fd: number | undefined;
  /** Whether LISTEN_FDS passes the socket. */
  readonly listenFds: boolean;
  /** The name under which it does; undefined: its own, if it has one. */
  readonly fdName: string | undefined;
  readonly reportFd: number | undefined;
  readonly reportFile: ReportPath | undefined;
  /** Whether to tell the service manager. */
  readonly notify: boolean;
}

/**
 * @param ip,port C strings.
 * @throws Fatal (exit 100) that says which value is wrong, or does not fit.
 */
export function resolveOptions(commandLine: CommandLine, ip: Pointer, port: Pointer): Options {
  const { flags } = commandLine;
  if (commandLine === noOptions) {
    defaults.address = parseAddress(ip, port);
    return defaults;
  }
  // The kernel cuts it to net.core.somaxconn, "the maximum allowed by the system": listen(2).
  const backlog = flags.has("backlog") ? parseUnsigned(flags.get("backlog")!, UINT_MAX) : INT_MAX;
  if (backlog === undefined) throw invalid("backlog must be an unsigned integer", tookAddress(commandLine));
  const address = parseAddress(ip, port);
  const inet6 = address.family === AF_INET6;
  const udp = flags.has("udp");
  const mptcp = flags.has("mptcp");
  const dualStack = flags.has("dual-stack");
  if (dualStack && !inet6) throw invalid(`--dual-stack needs an IPv6 address, not ${readCString(ip)}`);
  if (mptcp && udp) throw invalid("--mptcp is for TCP sockets");

  const reportFd = descriptor(flags, "report-fd");
  const fd = descriptor(flags, "fd") ?? (flags.has("listen-fds") ? undefined : STDIN);
  if (fd === STDIN && reportFd === STDIN) {
    throw invalid("--report-fd must be another descriptor than the socket's, 0");
  }
  return {
    address,
    udp,
    mptcp,
    blocking: flags.has("block"),
    reuseAddress: !flags.has("no-reuse-address"),
    dualStack,
    sockopts: resolveSockopts(flags, udp, inet6 && !dualStack),
    backlog,
    wait: flags.has("wait") ? seconds(flags.get("wait")!) : 0,
    netns: flags.has("netns") ? netnsPath(flags.get("netns")!) : undefined,
    adopt: flags.has("adopt"),
    fd,
    listenFds: flags.has("listen-fds"),
    fdName: passedName(flags),
    reportFd,
    reportFile: flags.has("report-file") ? reportPath(flags.get("report-file")!) : undefined,
    notify: flags.has("notify"),
  };
}

/** What a run without options has: made once, since each page that a run takes costs time. */
const defaults: { -readonly [Key in keyof Options]: Options[Key] } = {
  address: inet,
  udp: false,
  mptcp: false,
  blocking: false,
  reuseAddress: true,
  dualStack: false,
  sockopts: [],
  backlog: INT_MAX,
  wait: 0,
  netns: undefined,
  adopt: false,
  fd: STDIN,
  listenFds: false,
  fdName: undefined,
  reportFd: undefined,
  reportFile: undefined,
  notify: false,
};

function descriptor(flags: Flags, name: "fd" | "report-fd"): number | undefined {
  const text = flags.get(name);
  return text === undefined ? undefined : numberBetween(name, text, 0, INT_MAX);
}

function passedName(flags: Flags): string | undefined {
  const name = flags.get("fd-name");
  if (name === undefined) return undefined;
  if (!flags.has("listen-fds")) throw invalid("--fd-name goes with --listen-fds");
  return descriptorName(name);
}
