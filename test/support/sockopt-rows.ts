/** What each socket option does, by the names that C programs use. */

import { type sockopts } from "../../src/sockopts.ts";
import { sysctl, sysctlNumber } from "./sysctl.ts";

export type Value = number | string;
export type Protocol = "tcp" | "udp";

export interface Row {
  /** The option's value, unless it takes none. */
  value?: string;
  /** Whether the kernel lets root alone do it. */
  root?: true;
  /** What to read, by getsockopt(); on the IPv6 side another option, if there is a second one. */
  reads: [inet: string, inet6?: string];
  /** What that says with the option, and without it. */
  set: Value;
  unset: Value | Record<Protocol, Value>;
  /** What is read for the above: no sooner than in a test, since it may not be there. */
  sysctls?: string[];
}

const congestion = "ipv4/tcp_congestion_control";
const allowedCongestion = "ipv4/tcp_allowed_congestion_control";
const anotherCongestion = () => {
  const usual = sysctl(congestion)[0] ?? "";
  return sysctl(allowedCongestion).find((name) => name !== usual) ?? usual;
};

export const rows: Record<keyof typeof sockopts, Row> = {
  "reuse-port": { reads: ["SO_REUSEPORT"], set: 1, unset: 0 },
  "free-bind": { reads: ["IP_FREEBIND", "IPV6_FREEBIND"], set: 1, unset: 0 },
  transparent: { root: true, reads: ["IP_TRANSPARENT", "IPV6_TRANSPARENT"], set: 1, unset: 0 },
  interface: { value: "lo", reads: ["SO_BINDTODEVICE"], set: "lo", unset: "" },
  "no-delay": { reads: ["TCP_NODELAY"], set: 1, unset: 0 },
  "keep-alive": { reads: ["SO_KEEPALIVE"], set: 1, unset: 0 },
  "keep-alive-time": {
    value: "61",
    reads: ["TCP_KEEPIDLE"],
    set: 61,
    sysctls: ["ipv4/tcp_keepalive_time"],
    get unset() {
      return sysctlNumber("ipv4/tcp_keepalive_time");
    },
  },
  "keep-alive-interval": {
    value: "11",
    reads: ["TCP_KEEPINTVL"],
    set: 11,
    sysctls: ["ipv4/tcp_keepalive_intvl"],
    get unset() {
      return sysctlNumber("ipv4/tcp_keepalive_intvl");
    },
  },
  "keep-alive-probes": {
    value: "3",
    reads: ["TCP_KEEPCNT"],
    set: 3,
    sysctls: ["ipv4/tcp_keepalive_probes"],
    get unset() {
      return sysctlNumber("ipv4/tcp_keepalive_probes");
    },
  },
  // The kernel counts it in retransmissions: after 1, 3, 7, 15 seconds.
  "defer-accept": { value: "7", reads: ["TCP_DEFER_ACCEPT"], set: 7, unset: 0 },
  "fast-open": { value: "5", reads: ["TCP_FASTOPEN"], set: 5, unset: 0 },
  congestion: {
    get value() {
      return anotherCongestion();
    },
    reads: ["TCP_CONGESTION"],
    get set() {
      return anotherCongestion();
    },
    sysctls: [congestion, allowedCongestion],
    get unset() {
      return sysctl(congestion)[0] ?? "";
    },
  },
  "user-timeout": { value: "12345", reads: ["TCP_USER_TIMEOUT"], set: 12345, unset: 0 },
  "receive-buffer": {
    value: "32768",
    reads: ["SO_RCVBUF"],
    set: 65536,
    sysctls: ["ipv4/tcp_rmem", "core/rmem_default"],
    get unset() {
      return { tcp: sysctlNumber("ipv4/tcp_rmem", 1), udp: sysctlNumber("core/rmem_default") };
    },
  },
  "send-buffer": {
    value: "32768",
    reads: ["SO_SNDBUF"],
    set: 65536,
    sysctls: ["ipv4/tcp_wmem", "core/wmem_default"],
    get unset() {
      return { tcp: sysctlNumber("ipv4/tcp_wmem", 1), udp: sysctlNumber("core/wmem_default") };
    },
  },
  timestamps: { reads: ["SO_TIMESTAMPNS"], set: 1, unset: 0 },
  tos: { value: "16", reads: ["IP_TOS", "IPV6_TCLASS"], set: 16, unset: 0 },
  priority: { value: "3", reads: ["SO_PRIORITY"], set: 3, unset: 0 },
  mark: { value: "4294967295", root: true, reads: ["SO_MARK"], set: -1, unset: 0 },
  ttl: { value: "9", reads: ["IP_TTL", "IPV6_UNICAST_HOPS"], set: 9, unset: 64 },
  "packet-info": { reads: ["IP_PKTINFO", "IPV6_RECVPKTINFO"], set: 1, unset: 0 },
  broadcast: { reads: ["SO_BROADCAST"], set: 1, unset: 0 },
};
