/** For each option, values that it does not take, and why not. */

import type { OptionName } from "../../src/command.ts";

/** The arguments in front of `ip 0 prog`, the reason that is given, and the ip if it matters. */
export type BadOption = [args: string[], reason: string, ip?: string];

const INT_MAX = 2147483647;
const UINT_MAX = 4294967295;

/** What is no decimal number from `min` to `max`. */
function noNumber(
  name: OptionName,
  min: number,
  max: number,
  others: string[] = [],
  what = "",
  more: string[] = [],
): BadOption[] {
  const outside = [String(max + 1), "99999999999999999999", ...(min > 0 ? [String(min - 1)] : [])];
  const malformed = ["", "x", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "1,0", "١", "1\n"];
  return [...outside, ...malformed, ...more].flatMap((value): BadOption[] => {
    const reason = `--${name} must be a number from ${min} to ${max}${what}, not ${value || "empty"}`;
    return [
      [[...others, `--${name}=${value}`], reason],
      [[...others, `--${name}`, value], reason],
    ];
  });
}

/** What is no size, which may have a unit. */
function noSize(name: OptionName): BadOption[] {
  const more = ["K", "0K", "2G", "2048M", "99999999999G", "1k", "1T", "1KB", "1K ", "1KK", "1.5M"];
  return noNumber(name, 1, INT_MAX, [], ", which K, M or G may follow", more);
}

/** A flag takes no value. */
function noFlag(name: OptionName): BadOption[] {
  return ["=1", "=0", "=", "=true", "=no"].map((value) => {
    const written = `--${name}${value}`;
    return [[written], `unrecognized option with argument: ${written}`];
  });
}

/** It needs a value, and `--` is none. */
const noValue = (name: OptionName): BadOption => [[`--${name}`, "--"], `option needs a value: --${name}`];

/** It is for the one protocol. */
const tcpOnly = (name: OptionName, value = ""): BadOption => [
  ["--udp", "--backlog=0", `--${name}${value}`],
  `--${name} is for TCP sockets`,
];
const udpOnly = (name: OptionName): BadOption => [[`--${name}`], `--${name} is for UDP sockets`];

/** It goes with --keep-alive. */
function keepAlive(name: OptionName, max: number): BadOption[] {
  return [
    ...noNumber(name, 1, max, ["--keep-alive"]),
    noValue(name),
    [[`--${name}=1`], `--${name} goes with --keep-alive`],
    tcpOnly(name, "=1"),
  ];
}

/** A name that the kernel has no room for. */
function noName(name: OptionName): BadOption[] {
  const tooLong = "n".repeat(16);
  return ["", tooLong].map((value) => [
    [`--${name}=${value}`],
    `--${name} must be a name of 1 to 15 characters, not ${value || "empty"}`,
  ]);
}

const backlog = "backlog must be an unsigned integer";
const wait = "--wait must be a number of seconds such as 10 or 2.5, not";
const fdName = "--fd-name must be 1 to 255 ASCII characters, none of them a colon or a control character";
const sameDescriptor = "--report-fd must be another descriptor than the socket's, 0";

export const badOptions: Record<OptionName, BadOption[]> = {
  "reuse-address": noFlag("reuse-address"),
  "no-reuse-address": noFlag("no-reuse-address"),
  tcp: noFlag("tcp"),
  udp: noFlag("udp"),
  block: noFlag("block"),
  backlog: ["", "x", "-1", "1.5", "4294967296"].flatMap((value): BadOption[] => [
    [[`--backlog=${value}`], backlog],
    [["-b", value], backlog],
  ]),
  netns: [noValue("netns"), [["--netns="], "--netns must be a path, not empty"]],
  adopt: noFlag("adopt"),
  "dual-stack": [
    ...noFlag("dual-stack"),
    [["--dual-stack"], "--dual-stack needs an IPv6 address, not 127.0.0.1", "127.0.0.1"],
    [["--dual-stack"], "--dual-stack needs an IPv6 address, not 0.0.0.0", "0.0.0.0"],
  ],
  mptcp: [...noFlag("mptcp"), tcpOnly("mptcp")],
  "reuse-port": noFlag("reuse-port"),
  "free-bind": noFlag("free-bind"),
  transparent: noFlag("transparent"),
  interface: [...noName("interface"), noValue("interface")],
  "no-delay": [...noFlag("no-delay"), tcpOnly("no-delay")],
  "keep-alive": [...noFlag("keep-alive"), tcpOnly("keep-alive")],
  "keep-alive-time": keepAlive("keep-alive-time", 32767),
  "keep-alive-interval": keepAlive("keep-alive-interval", 32767),
  "keep-alive-probes": keepAlive("keep-alive-probes", 127),
  "defer-accept": [
    ...noNumber("defer-accept", 1, INT_MAX),
    noValue("defer-accept"),
    tcpOnly("defer-accept", "=1"),
  ],
  "fast-open": [...noNumber("fast-open", 1, INT_MAX), noValue("fast-open"), tcpOnly("fast-open", "=1")],
  congestion: [...noName("congestion"), noValue("congestion"), tcpOnly("congestion", "=cubic")],
  "user-timeout": [
    ...noNumber("user-timeout", 1, INT_MAX),
    noValue("user-timeout"),
    tcpOnly("user-timeout", "=1"),
  ],
  "receive-buffer": [...noSize("receive-buffer"), noValue("receive-buffer")],
  "send-buffer": [...noSize("send-buffer"), noValue("send-buffer")],
  timestamps: noFlag("timestamps"),
  priority: [...noNumber("priority", 0, INT_MAX), noValue("priority")],
  mark: [...noNumber("mark", 0, UINT_MAX), noValue("mark")],
  tos: [
    ...noNumber("tos", 0, 255),
    noValue("tos"),
    [["--tos=3"], "--tos must be a multiple of 4 for TCP, not 3"],
  ],
  ttl: [...noNumber("ttl", 1, 255), noValue("ttl")],
  "packet-info": [...noFlag("packet-info"), udpOnly("packet-info")],
  broadcast: [
    ...noFlag("broadcast"),
    udpOnly("broadcast"),
    [["--udp", "--backlog=0", "--broadcast"], "--broadcast needs an IPv4 address", "::1"],
  ],
  fd: [
    ...noNumber("fd", 0, INT_MAX),
    noValue("fd"),
    // Said before the system is asked for the interface.
    [["--fd=x"], `--fd must be a number from 0 to ${INT_MAX}, not x`, "fe80::1%no-such"],
  ],
  "listen-fds": noFlag("listen-fds"),
  "fd-name": [
    noValue("fd-name"),
    [["--fd-name=http"], "--fd-name goes with --listen-fds"],
    ...["", "a:b", ":", "tab\there", "line\n", "\x7f", "é", "n".repeat(256)].map((value): BadOption => [
      ["--listen-fds", `--fd-name=${value}`],
      fdName,
    ]),
  ],
  "report-fd": [
    ...noNumber("report-fd", 0, INT_MAX),
    noValue("report-fd"),
    [["--report-fd=0"], sameDescriptor],
    [["--report-fd=0", "--fd=0"], sameDescriptor],
    [["--report-fd=0", "--fd=0", "--listen-fds"], sameDescriptor],
  ],
  "report-file": [noValue("report-file"), [["--report-file="], "--report-file must be a path, not empty"]],
  notify: noFlag("notify"),
  wait: [
    noValue("wait"),
    ...["", "x", "-1", "1e3", ".", "..5", "1,5", "+1", " 1", "0x1", "1s", "inf", "NaN", "1234567890"].map(
      (value): BadOption => [[`--wait=${value}`], `${wait} ${value || "empty"}`],
    ),
  ],
  help: noFlag("help"),
  version: noFlag("version"),
};
