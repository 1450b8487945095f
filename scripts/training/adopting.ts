/** Sockets that are passed, and taken: adopt.ts, socket-name.ts, listen-fds.ts. */

import type { Rehearsal } from "../freeze/session.ts";
import type { Socket } from "../freeze/sockets.ts";
import { failing, type CallName } from "./errors.ts";
import { fails } from "./failures.ts";
import { GOOD, line, PROG, SYSTEM, words, type Surroundings } from "./lines.ts";

// linux/in.h
const IPPROTO_UDP = 17;
const IPPROTO_MPTCP = 262;

const HTTP = ["127.0.0.1", "80"];
const HTTP6 = ["::", "80"];

/** A socket as it may be passed: one of TCP, that listens to 127.0.0.1 port 80. */
const inet = (others: Partial<Socket> = {}, ip = 1, port = 80): Socket => ({
  protocol: 6,
  name: Buffer.from([2, 0, 0, port, 127, 0, 0, ip, ...Array<number>(8).fill(0)]),
  ...others,
});
/** Another, that listens to :: port 80; for IPv6 alone, unless its option is 0. */
const inet6 = (others: Partial<Socket> = {}): Socket => ({
  protocol: 6,
  name: Buffer.from([10, 0, 0, 80, ...Array<number>(24).fill(0)]),
  ...others,
});

/** What is not the first of them, each for another reason. */
const others = [
  inet({ protocol: IPPROTO_UDP }),
  inet({ isConnected: true }),
  inet({}, 2),
  inet({}, 1, 81),
  inet({}, 1, 0),
  inet6(),
];

const announced = (count: number, ...more: string[]): Surroundings => ({
  environment: ["A=b", "LISTEN_PID=1000", `LISTEN_FDS=${count}`, ...more, "PATH=/usr"],
});
/** These passed, under names that are their numbers. */
const passing = (sockets: readonly Socket[]): Surroundings => ({
  ...announced(sockets.length, `LISTEN_FDNAMES=${sockets.map((_, i) => i).join(":")}`, "LISTEN_PIDFDID=5"),
  sockets,
});

/** Run with --adopt, and these passed. */
const adopt = (
  exit: number,
  sockets: readonly Socket[],
  options = "",
  at = HTTP,
  surroundings: Surroundings = {},
): Rehearsal =>
  line(exit, ["--adopt", ...words(options), ...at, ...PROG], { ...passing(sockets), ...surroundings });

/** As many descriptors as are passed, none of them a socket. */
const noSockets: Surroundings = { ...announced(2), open: [0, 1, 2, 3, 4] };
const inUse = failing("bind", "EADDRINUSE");
/** A call that looks at what is passed fails: then it is left alone. */
const looking = (call: CallName) => fails(GOOD, call, "--adopt", { ...passing([inet()]), at: HTTP });

export const adopting = [
  adopt(GOOD, []),
  adopt(GOOD, [inet()]),
  adopt(GOOD, [inet()], "-B"),
  adopt(GOOD, [inet()], "", ["127.0.0.1", "0"]),
  ...["--fd=3", "--fd=20", "--listen-fds", "--listen-fds --fd=0", "--listen-fds --fd-name=web"].flatMap(
    (options) => [
      adopt(GOOD, [inet()], options),
      ...(options === "--fd=3" ? [] : [adopt(GOOD, [...others, inet()], options)]),
      ...(options === "--fd=3" ? [] : [adopt(GOOD, [inet(), ...others], options)]),
      ...(options === "--fd=3" ? [] : [adopt(GOOD, [inet6(), inet(), inet({}, 3)], options)]),
    ],
  ),
  adopt(GOOD, [...others, inet()]),
  adopt(GOOD, [inet(), ...others], "--no-delay --report-fd=2"),
  adopt(GOOD, [inet6(), inet(), inet({}, 3)]),
  adopt(GOOD, others),
  adopt(GOOD, [inet6({ option: 0 })], "--dual-stack", HTTP6),
  adopt(GOOD, [inet6({ option: 0 })], "", HTTP6),
  adopt(GOOD, [inet6()], "", HTTP6),
  adopt(GOOD, [inet6()], "--dual-stack", HTTP6),
  adopt(GOOD, [inet({ protocol: IPPROTO_UDP })], "-m -b0"),
  adopt(GOOD, [inet({ protocol: IPPROTO_MPTCP })], "--mptcp"),
  adopt(GOOD, [inet6()], "", ["fe80::1%7", "80"]),
  adopt(SYSTEM, [inet6()], "", ["fe80::1%late", "80"]),

  // What is announced is not what is there.
  adopt(GOOD, [inet()], "", HTTP, announced(3)),
  adopt(GOOD, [inet6()], "", HTTP, announced(3)),
  adopt(GOOD, [inet(), inet6()], "--listen-fds", HTTP, announced(2, "LISTEN_FDNAMES=a:b:c")),
  adopt(SYSTEM, [inet()], "", HTTP, announced(2000)),
  adopt(GOOD, [inet()], "", HTTP, { environment: ["LISTEN_PID=1", "LISTEN_FDS=1"] }),
  adopt(GOOD, [], "", HTTP, noSockets),

  // What is in the way.
  adopt(SYSTEM, [inet6(), inet6()], "--fd=3"),
  adopt(SYSTEM, [inet6(), inet()], "--fd=3"),
  adopt(SYSTEM, [inet()], "--report-fd=3"),
  adopt(SYSTEM, [], "", HTTP, { failures: inUse, environment: [] }),
  adopt(SYSTEM, [], "", HTTP, { failures: inUse, environment: ["LISTEN_PID=1000"] }),
  adopt(SYSTEM, [], "", HTTP, { failures: inUse, environment: ["LISTEN_PID=1", "LISTEN_FDS=1"] }),
  adopt(SYSTEM, [inet6()], "", HTTP, { failures: inUse }),

  // What fails.
  ...looking("getsockopt"),
  ...looking("getsockname"),
  ...looking("getpeername"),
  ...fails(GOOD, "getsockopt", "--adopt", { ...passing([inet6()]), at: HTTP6, after: 1 }),
  ...fails(SYSTEM, "fcntl", "--adopt", { ...passing([inet()]), at: HTTP, after: 1 }),
  ...fails(SYSTEM, "fcntl", "--adopt", { ...passing([inet()]), at: HTTP, after: 2 }),
  ...fails(SYSTEM, "fcntl", "--adopt", { ...passing([inet()]), at: HTTP, after: 3 }),
  ...fails(GOOD, "dup2", "--adopt --fd=20", { ...passing([inet(), inet6()]), at: HTTP, errors: "EMFILE" }),
  ...fails(SYSTEM, "listen", "--adopt", { ...passing([inet()]), at: HTTP }),
  ...fails(SYSTEM, "setsockopt", "--adopt --no-delay", { ...passing([inet()]), at: HTTP }),
  adopt(GOOD, [inet()], "--wait=9 --interface=late", HTTP, { failures: failing("setsockopt", "ENODEV") }),
];
