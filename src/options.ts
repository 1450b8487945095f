import type { Pointer } from "bun:ffi";
import type { Address } from "./address.ts";
import { readCString } from "./bytes.ts";
import { invalid } from "./failure.ts";
import { flags } from "./flags.ts";
import { AF_INET, AF_INET6, STDIN } from "./linux.ts";
import type { Mutable } from "./mutable.ts";
import { INT_MAX, parseUnsigned, UINT_MAX } from "./numbers.ts";
import { tookAddress } from "./operands.ts";
import type { CommandLine } from "./parse.ts";
import { resolveSockopts, type SockoptRow } from "./sockopt-values.ts";
import { descriptorName, netnsPath, numberBetween, reportPath, seconds, type ReportPath } from "./values.ts";

/**
 * Everything that the arguments ask for, valid as far as it can be known before the system is asked: plain data, with
 * no address of memory in it.
 */
export interface Options {
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
  /** Whether anybody is to be told where the socket is bound, or that it is. */
  readonly isReported: boolean;
  /** Whether the socket becomes stdin, and nothing else is opened or told. */
  readonly isStdinOnly: boolean;
}

/** What a run without options has. All are of one shape, which the interpreter remembers. */
const withoutOptions = (): Mutable<Options> => ({
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
  isReported: false,
  isStdinOnly: true,
});

export const defaults: Options = withoutOptions();
const resolved = withoutOptions();

/**
 * @returns what the next call overwrites: to make an object takes many pages.
 * @throws Fatal (exit 100) that says which value is wrong, or does not fit.
 */
export function resolveOptions(commandLine: CommandLine): Options {
  // The kernel cuts it to net.core.somaxconn, "the maximum allowed by the system": listen(2).
  const backlog = flags.backlog.given ? parseUnsigned(flags.backlog.value, UINT_MAX) : INT_MAX;
  if (backlog === undefined) throw invalid("backlog must be an unsigned integer", tookAddress(commandLine));
  const udp = flags.udp.given;
  const mptcp = flags.mptcp.given;
  if (mptcp && udp) throw invalid("--mptcp is for TCP sockets");

  const listenFds = flags["listen-fds"].given;
  const adopt = flags.adopt.given;
  const notify = flags.notify.given;
  const netns = flags.netns.given ? netnsPath(flags.netns.value) : undefined;
  const reportFd = flags["report-fd"].given
    ? numberBetween("report-fd", flags["report-fd"].value, 0, INT_MAX)
    : undefined;
  const fd = flags.fd.given ? numberBetween("fd", flags.fd.value, 0, INT_MAX) : listenFds ? undefined : STDIN;
  if (fd === STDIN && reportFd === STDIN) {
    throw invalid("--report-fd must be another descriptor than the socket's, 0");
  }
  const isReported = reportFd !== undefined || notify || flags["report-file"].given;
  resolved.udp = udp;
  resolved.mptcp = mptcp;
  resolved.blocking = flags.block.given;
  resolved.reuseAddress = !flags["no-reuse-address"].given;
  resolved.dualStack = flags["dual-stack"].given;
  resolved.sockopts = resolveSockopts(udp);
  resolved.backlog = backlog;
  resolved.wait = flags.wait.given ? seconds(flags.wait.value) : 0;
  resolved.netns = netns;
  resolved.adopt = adopt;
  resolved.fd = fd;
  resolved.listenFds = listenFds;
  resolved.fdName = flags["fd-name"].given ? passedName(flags["fd-name"].value, listenFds) : undefined;
  resolved.reportFd = reportFd;
  resolved.reportFile = flags["report-file"].given ? reportPath(flags["report-file"].value) : undefined;
  resolved.notify = notify;
  resolved.isReported = isReported;
  resolved.isStdinOnly = fd === STDIN && !adopt && !listenFds && !isReported && netns === undefined;
  return resolved;
}

/** @throws Fatal (exit 100) where the options do not fit the address, whose ip is a C string. */
export function checkAddress({ dualStack, sockopts }: Options, { family }: Address, ip: Pointer): void {
  if (family === AF_INET6 && dualStack) return;
  if (dualStack) throw invalid(`--dual-stack needs an IPv6 address, not ${readCString(ip)}`);
  if (family === AF_INET) return;
  for (let i = 0; i < sockopts.length; i++) {
    const { name, inet6, value } = sockopts[i]!;
    if (value !== undefined && !inet6) throw invalid(`--${name} needs an IPv4 address`);
  }
}

function passedName(name: Pointer, listenFds: boolean): string {
  if (!listenFds) throw invalid("--fd-name goes with --listen-fds");
  return descriptorName(name);
}
