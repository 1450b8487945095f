import type { ArgDef } from "citty";
import * as linux from "./linux.ts";
import { INT_MAX, UINT_MAX } from "./numbers.ts";

/** level and optname of setsockopt(2). */
export type SocketOption = readonly [level: number, option: number];

/** A socket option: the option of the command line, and what it sets. */
export type Sockopt = ArgDef & {
  readonly group: string;
  /** On an IPv4 socket; on a dual-stack one for its IPv4 side, where that is another option. */
  readonly inet?: SocketOption;
  /** On an IPv6 socket. */
  readonly inet6?: SocketOption;
  /** The one protocol that has it. */
  readonly only?: "tcp" | "udp";
  /** The option that goes past what the system allows: tried first, since it takes CAP_NET_ADMIN. */
  readonly forced?: SocketOption;
  /** Whether the number is one of bytes, and may end in K, M or G. */
  readonly isSize?: boolean;
  /** What the number may be; one without it takes a name, or is on or off. */
  readonly range?: readonly [min: number, max: number];
  /** Bits that TCP keeps for itself (ECN, RFC 3168): the kernel would ignore them. */
  readonly tcpReserved?: number;
  /** The option without which it has no effect. */
  readonly needs?: "keep-alive";
};

const socket = (option: number) =>
  ({ inet: [linux.SOL_SOCKET, option], inet6: [linux.SOL_SOCKET, option] }) as const;
const tcp = (option: number) =>
  ({ inet: [linux.IPPROTO_TCP, option], inet6: [linux.IPPROTO_TCP, option], only: "tcp" }) as const;
const ip = (option: number, option6: number) =>
  ({ inet: [linux.IPPROTO_IP, option], inet6: [linux.IPPROTO_IPV6, option6] }) as const;

/** See socket(7), ip(7), ipv6(7), tcp(7), udp(7). All are set before bind(). */
export const sockopts = {
  "reuse-port": {
    group: "Binding",
    type: "boolean",
    description: "share the port with other sockets that set this (SO_REUSEPORT)",
    ...socket(linux.SO_REUSEPORT),
  },
  "free-bind": {
    group: "Binding",
    type: "boolean",
    description: "bind to an address that the machine does not have, or not yet (IP_FREEBIND)",
    ...ip(linux.IP_FREEBIND, linux.IPV6_FREEBIND),
  },
  transparent: {
    group: "Binding",
    type: "boolean",
    description: "take traffic for addresses of others, as a transparent proxy does (IP_TRANSPARENT)",
    ...ip(linux.IP_TRANSPARENT, linux.IPV6_TRANSPARENT),
  },
  interface: {
    group: "Binding",
    type: "string",
    valueHint: "NAME",
    description: "use this network interface only (SO_BINDTODEVICE)",
    ...socket(linux.SO_BINDTODEVICE),
  },
  "no-delay": {
    group: "TCP",
    type: "boolean",
    description: "send small segments at once (TCP_NODELAY)",
    ...tcp(linux.TCP_NODELAY),
  },
  "keep-alive": {
    group: "TCP",
    type: "boolean",
    description: "probe idle connections (SO_KEEPALIVE)",
    ...socket(linux.SO_KEEPALIVE),
    only: "tcp",
  },
  "keep-alive-time": {
    group: "TCP",
    type: "string",
    valueHint: "S",
    description: "start to probe after S idle seconds, 1 to 32767 (TCP_KEEPIDLE)",
    ...tcp(linux.TCP_KEEPIDLE),
    range: [1, 32767],
    needs: "keep-alive",
  },
  "keep-alive-interval": {
    group: "TCP",
    type: "string",
    valueHint: "S",
    description: "probe every S seconds, 1 to 32767 (TCP_KEEPINTVL)",
    ...tcp(linux.TCP_KEEPINTVL),
    range: [1, 32767],
    needs: "keep-alive",
  },
  "keep-alive-probes": {
    group: "TCP",
    type: "string",
    valueHint: "N",
    description: "close after N unanswered probes, 1 to 127 (TCP_KEEPCNT)",
    ...tcp(linux.TCP_KEEPCNT),
    range: [1, 127],
    needs: "keep-alive",
  },
  "defer-accept": {
    group: "TCP",
    type: "string",
    valueHint: "S",
    description: "let prog accept a connection once it has data, or after about S seconds (TCP_DEFER_ACCEPT)",
    ...tcp(linux.TCP_DEFER_ACCEPT),
    range: [1, INT_MAX],
  },
  "fast-open": {
    group: "TCP",
    type: "string",
    valueHint: "N",
    description:
      "queue at most N connections with data in their SYN, where net.ipv4.tcp_fastopen allows it (TCP_FASTOPEN)",
    ...tcp(linux.TCP_FASTOPEN),
    range: [1, INT_MAX],
  },
  congestion: {
    group: "TCP",
    type: "string",
    valueHint: "NAME",
    description: "use this congestion control algorithm (TCP_CONGESTION)",
    ...tcp(linux.TCP_CONGESTION),
  },
  "user-timeout": {
    group: "TCP",
    type: "string",
    valueHint: "MS",
    description: "close a connection whose data stays unacknowledged for MS milliseconds (TCP_USER_TIMEOUT)",
    ...tcp(linux.TCP_USER_TIMEOUT),
    range: [1, INT_MAX],
  },
  "receive-buffer": {
    group: "Buffers and packets",
    type: "string",
    valueHint: "BYTES",
    description:
      "ask for a receive buffer of this size, such as 8M; past net.core.rmem_max takes CAP_NET_ADMIN (SO_RCVBUF)",
    ...socket(linux.SO_RCVBUF),
    forced: [linux.SOL_SOCKET, linux.SO_RCVBUFFORCE],
    isSize: true,
    range: [1, INT_MAX],
  },
  "send-buffer": {
    group: "Buffers and packets",
    type: "string",
    valueHint: "BYTES",
    description:
      "ask for a send buffer of this size, such as 8M; past net.core.wmem_max takes CAP_NET_ADMIN (SO_SNDBUF)",
    ...socket(linux.SO_SNDBUF),
    forced: [linux.SOL_SOCKET, linux.SO_SNDBUFFORCE],
    isSize: true,
    range: [1, INT_MAX],
  },
  timestamps: {
    group: "Buffers and packets",
    type: "boolean",
    description: "say with what is received when it arrived, in nanoseconds (SO_TIMESTAMPNS)",
    ...socket(linux.SO_TIMESTAMPNS),
  },
  mark: {
    group: "Buffers and packets",
    type: "string",
    valueHint: "N",
    description: "set the netfilter mark of outgoing packets (SO_MARK)",
    ...socket(linux.SO_MARK),
    range: [0, UINT_MAX],
  },
  tos: {
    group: "Buffers and packets",
    type: "string",
    valueHint: "N",
    description:
      "set the type of service or traffic class, 0 to 255, a multiple of 4 for TCP (IP_TOS, IPV6_TCLASS)",
    ...ip(linux.IP_TOS, linux.IPV6_TCLASS),
    range: [0, 255],
    tcpReserved: 0b11,
  },
  // After IP_TOS, which sets it, too.
  priority: {
    group: "Buffers and packets",
    type: "string",
    valueHint: "N",
    description: "set the priority of outgoing packets; above 6 takes CAP_NET_ADMIN (SO_PRIORITY)",
    ...socket(linux.SO_PRIORITY),
    range: [0, INT_MAX],
  },
  ttl: {
    group: "Buffers and packets",
    type: "string",
    valueHint: "N",
    description: "set the time to live or hop limit, 1 to 255 (IP_TTL, IPV6_UNICAST_HOPS)",
    ...ip(linux.IP_TTL, linux.IPV6_UNICAST_HOPS),
    range: [1, 255],
  },
  "packet-info": {
    group: "UDP",
    type: "boolean",
    description: "say with each datagram where it arrived (IP_PKTINFO, IPV6_RECVPKTINFO)",
    ...ip(linux.IP_PKTINFO, linux.IPV6_RECVPKTINFO),
    only: "udp",
  },
  broadcast: {
    group: "UDP",
    type: "boolean",
    description: "allow sending to a broadcast address of IPv4 (SO_BROADCAST)",
    inet: [linux.SOL_SOCKET, linux.SO_BROADCAST],
    only: "udp",
  },
} as const satisfies Record<string, Sockopt>;

export type SockoptName = keyof typeof sockopts;
