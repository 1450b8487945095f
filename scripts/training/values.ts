/** The values of options, with their edges: values.ts, sockopts.ts. */

import type { Rehearsal } from "../freeze/session.ts";
import { options } from "../../src/command.ts";
import { sockopts, type Sockopt } from "../../src/sockopts.ts";
import { sample } from "./command-lines.ts";
import { failing } from "./errors.ts";
import { good, GOOD, good6, line, PROG, refused, SYSTEM, type Words } from "./lines.ts";

const INT_MAX = 2 ** 31 - 1;
const UINT_MAX = 2 ** 32 - 1;

/** What is no number from 0 up. */
const noNumbers = ["-1", " 1", "1 ", "+1", "1x", "x", "0x1", "1.5", "1e3", "\xff", "/", ":", "9".repeat(400)];

const numbers = (name: string, min: number, max: number, others: Words = []): Rehearsal[] => [
  ...[`=${min}`, `=${max}`, `=00${min}`].map((value) => good([...others, `--${name}${value}`])),
  ...(min > 0 ? [refused([...others, `--${name}=${min - 1}`])] : []),
  ...[String(max + 1), "", ...noNumbers].map((value) => refused([...others, `--${name}=${value}`])),
  refused([...others, `--${name}`, "-dBMm"]),
];

const names = (name: string): Rehearsal[] => [
  ...["a", "0123456789abcde", "\xff", "a b"].map((value) => good([`--${name}=${value}`])),
  ...["", "0123456789abcdef", "v".repeat(5000)].map((value) => refused([`--${name}=${value}`])),
];

const sizes = (name: string): Rehearsal[] => [
  ...["1K", "4M", "1G"].map((value) => good([`--${name}=${value}`])),
  ...["K", "0K", "2G", "1k", "1KK", "9999999999G"].map((value) => refused([`--${name}=${value}`])),
  // Without the privilege.
  good([`--${name}=1M`], { failures: failing("setsockopt", "EPERM", 1) }),
];

/** A socket option: on every kind of socket, with its edges, and where the kernel does not have it. */
function rowsOf(name: string, sockopt: Sockopt): Rehearsal[] {
  const { type, range, isSize, forced, only, needs, inet6, tcpReserved } = sockopt;
  const value = sample[name] ?? "1";
  const given = type === "boolean" ? [`--${name}`] : [`--${name}=${value}`];
  const wanted = needs ? [`--${needs}`] : [];
  const [protocol, other] = only === "udp" ? [["-m", "-b0"], []] : [[], ["-m", "-b0"]];
  const all = [...protocol, ...wanted, ...given];
  const failure = failing("setsockopt", "ENOPROTOOPT");
  const failures = (after: number) => ({
    failures: [...failing("setsockopt", "ENOPROTOOPT", after), ...(forced ? failure : [])],
  });
  const before = wanted.length;
  const dualStack = [...all, "--dual-stack", "::", "0", ...PROG];
  return [
    good(all),
    inet6 ? good6(all) : line(100, [...all, "::1", "0", ...PROG]),
    line(GOOD, dualStack),
    line(SYSTEM, ["-D", ...dualStack], failures(1 + before * 2)),
    line(SYSTEM, ["-D", ...all, "127.0.0.1", "0", ...PROG], failures(before)),
    (only ? refused : good)([...other, ...wanted, ...given]),
    ...(needs ? [refused(given)] : []),
    ...(range ? numbers(name, range[0], tcpReserved ? range[1] & ~tcpReserved : range[1], wanted) : []),
    ...(isSize ? sizes(name) : []),
    ...(tcpReserved ? [refused(`--${name}=1`), good(`-m -b0 --${name}=${range![1]}`)] : []),
    ...(!range && type === "string" ? names(name) : []),
  ];
}

/** Every socket option that goes with the others, at once. */
const together = (only: "tcp" | "udp") =>
  Object.entries<Sockopt>(sockopts).flatMap(([name, sockopt]) =>
    sockopt.only && sockopt.only !== only
      ? []
      : [options.get(name as never)!.type === "boolean" ? `--${name}` : `--${name}=${sample[name] ?? "1"}`],
  );

export const values = [
  ...Object.entries(sockopts).flatMap(([name, sockopt]) => rowsOf(name, sockopt)),
  good(together("tcp")),
  line(GOOD, [...together("tcp"), "--dual-stack", "::", "0", ...PROG]),
  good(["-m", "-b0", ...together("udp")]),

  ...numbers("backlog", 0, UINT_MAX),
  ...["-b-1", "-b ", "-bx"].map((text) => refused([text])),
  refused(["-b", ""]),
  good("-b4294967295"),
  good6("-b0"),

  ...["0", "1", "0.5", ".5", "1.", "10", "2.25", "999999999", "0.0000000000001"].map((value) =>
    good(`--wait=${value}`),
  ),
  ...["", "-1", "x", ".", "1..2", "1e3", "1000000000", " 1", "1 ", "1s", "\xff", "1".repeat(5000)].map(
    (value) => refused([`--wait=${value}`]),
  ),

  ...["fd", "report-fd"].flatMap((name) =>
    ["", "2147483648", ...noNumbers].map((value) => refused([`--${name}=${value}`])),
  ),
  line(SYSTEM, [`--fd=${INT_MAX}`, "127.0.0.1", "0", ...PROG]),

  ...["a", "a b", "~", "!", "x".repeat(255)].map((value) => good(["--listen-fds", `--fd-name=${value}`])),
  ...["", "a:b", "\x7f", "\x1f", "\xff", "x".repeat(256), "x".repeat(5000)].map((value) =>
    refused(["--listen-fds", `--fd-name=${value}`]),
  ),
  refused("--fd-name=web"),
  refused("--report-file="),
];
