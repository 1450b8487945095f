import { defineCommand, type ArgDef } from "citty";
import { description, name, version } from "../package.json";
import { sockopts } from "./sockopts.ts";

/** The headings under which `--help`, the manual page and README.md list the options, in this order. */
export const groups = [
  "Socket",
  "Binding",
  "Passing the socket to prog",
  "Readiness",
  "TCP",
  "UDP",
  "Buffers and packets",
  "Information",
] as const;

/** An option as citty describes it, its group, and the option that it takes back. */
type Option = ArgDef & {
  readonly group: (typeof groups)[number];
  readonly alias?: string;
  readonly overrides?: string;
};

/** The original's options: these alone have letters. */
const original = {
  "reuse-address": {
    group: "Socket",
    type: "boolean",
    alias: "d",
    description:
      "allow instant rebinding to the same address and port, and for UDP sharing them; the default (SO_REUSEADDR)",
    overrides: "no-reuse-address",
  },
  "no-reuse-address": {
    group: "Socket",
    type: "boolean",
    alias: "D",
    description: "disallow instant rebinding to the same address and port, and for UDP sharing them",
    overrides: "reuse-address",
  },
  tcp: {
    group: "Socket",
    type: "boolean",
    alias: "M",
    description: "create a TCP socket, the default",
    overrides: "udp",
  },
  udp: {
    group: "Socket",
    type: "boolean",
    alias: "m",
    description:
      "create a UDP socket; give -b0, since it cannot listen, and -D, since a second socket could take its datagrams",
    overrides: "tcp",
  },
  block: {
    group: "Socket",
    type: "boolean",
    alias: "B",
    description: "create a blocking socket; the default is a non-blocking one",
  },
  backlog: {
    group: "Socket",
    type: "string",
    alias: "b",
    valueHint: "N",
    description:
      "queue at most N connections; the default is the system's maximum, and 0 means not to listen",
  },
} as const satisfies Record<string, Option>;

/** What follows the options, in this order. */
export const operands = {
  ip: {
    type: "positional",
    description: "IPv4 or IPv6 address to bind to; fe80::1%eth0 is a link-local one",
  },
  port: { type: "positional", description: "port to bind to; for 0 the kernel chooses one" },
  "prog...": { type: "positional", description: "program to execute, with its arguments" },
} as const satisfies Record<string, ArgDef>;

const args = {
  ...original,
  "dual-stack": {
    group: "Socket",
    type: "boolean",
    description: "take IPv4 connections on an IPv6 socket, too; without IPv6, :: becomes 0.0.0.0",
  },
  mptcp: { group: "Socket", type: "boolean", description: "create a Multipath TCP socket" },
  ...sockopts,
  netns: {
    group: "Binding",
    type: "string",
    valueHint: "PATH",
    description:
      "make the socket in this network namespace, such as /run/netns/NAME or /proc/PID/ns/net; prog stays in ours",
  },
  adopt: {
    group: "Binding",
    type: "boolean",
    description:
      "if LISTEN_FDS passes a socket with this protocol, ip and port (0 for any), take it instead of making one",
  },
  fd: {
    group: "Passing the socket to prog",
    type: "string",
    valueHint: "N",
    description: "make the socket descriptor N instead of 0; one that is open is replaced",
  },
  "listen-fds": {
    group: "Passing the socket to prog",
    type: "boolean",
    description:
      "pass the socket as LISTEN_FDS does, as the next descriptor from 3 up, and as 0 only with --fd=0",
  },
  "fd-name": {
    group: "Passing the socket to prog",
    type: "string",
    valueHint: "NAME",
    description:
      "with --listen-fds, its name in LISTEN_FDNAMES; the default is unknown, or what an adopted one had",
  },
  "report-fd": {
    group: "Readiness",
    type: "string",
    valueHint: "N",
    description:
      "write ip and port to descriptor N once the socket is ready, and close it unless it is 0, 1 or 2",
  },
  "report-file": {
    group: "Readiness",
    type: "string",
    valueHint: "PATH",
    description: "write ip and port to this file once the socket is ready; a regular file is replaced",
  },
  notify: {
    group: "Readiness",
    type: "boolean",
    description:
      "once the socket is ready, send READY=1 to NOTIFY_SOCKET if that is set, for Type=notify of systemd",
  },
  wait: {
    group: "Binding",
    type: "string",
    valueHint: "SECONDS",
    description:
      "retry for up to SECONDS while the address, its interface or its namespace is missing, or the address is in use (for UDP only with -D)",
  },
  help: { group: "Information", type: "boolean", description: "print this text and exit" },
  version: { group: "Information", type: "boolean", description: "print the version and exit" },
} as const satisfies Record<string, Option>;

/**
 * The one definition of the command line.
 *
 * citty defines it, and parse.ts reads it: citty's own parser is a util.parseArgs() that is not strict, so it would
 * look for options among prog's arguments, let unknown ones pass, turn --no-x into x, and forget the order of -d and -D.
 */
export const command = defineCommand({
  meta: { name, version, description },
  args: { ...args, ...operands },
});

export type OptionName = keyof typeof args;

/** The options alone, by their long names. */
export const options: ReadonlyMap<OptionName, Option> = new Map(
  Object.entries(args) as [OptionName, Option][],
);

/** Their names by their letters. */
export const letters: ReadonlyMap<string, OptionName> = new Map(
  [...options].flatMap(([name, { alias }]) => (alias === undefined ? [] : [[alias, name] as const])),
);
