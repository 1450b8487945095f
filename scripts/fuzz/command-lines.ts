/** Random command lines: those with which little is wrong, and others. */

import fc, { type Arbitrary } from "fast-check";
import { letters, options } from "../../src/command.ts";
import { sample } from "../training/command-lines.ts";

/** What stands for the executable, where it executes itself. */
export const SELF = "SELF";

const names = [...options.keys()];
const flags = names.filter((name) => options.get(name)!.type === "boolean");

/** No NUL; and the name of no program, since it begins as none does. */
const junk = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(0xff, ...codes));
/** Of any size that the kernel takes in one string: as likely between 1 and 2 bytes as between 64 and 128 KiB. */
export const long = fc.integer({ max: 16 * 17 - 1, min: 0 }).map((i) => "\xff".repeat(2 ** (i / 16)));
const number = fc.oneof(
  fc.nat(70_000).map(String),
  fc.constantFrom("0", "1", "-1", "+1", " 1", "1x", "255", "256", "2147483647", "2147483648", "4294967295"),
  fc.constantFrom("4294967296", "00000000000000000001", "9".repeat(40), "1e3", "0x10", ""),
);

/** Where the values of most options are of no use: a wait that is long, a file that is somebody's. */
const values: Readonly<Record<string, Arbitrary<string>>> = {
  wait: fc.constantFrom("0", ".001", "0.01", "", "x", "-1", "1..2", ".", "\xff"),
  "report-file": fc.constantFrom(
    ...["report", "./report", "nowhere/report", "report/below", "/dev/null", "/dev/full", "/dev/stdout"],
    ...["/dev/stderr", "/dev/fd/1", "/dev/fd/5", "/proc/self/fd/2", "/dev/fd/77", "", "."],
  ),
  netns: fc.constantFrom("/proc/self/ns/net", "/proc/self/ns/pid", "/dev/null", "nowhere", "", "."),
};

const valueOf = (name: string): Arbitrary<string> =>
  values[name] ??
  fc.oneof(
    { arbitrary: fc.constantFrom(sample[name] ?? "1", "1", "5", "lo"), weight: 6 },
    { arbitrary: number, weight: 3 },
    junk,
    long,
  );

/** The name of an option with a letter too few, too many, or another. */
const misspelt = fc
  .tuple(fc.constantFrom(...names), fc.nat(20), fc.constantFrom("", "e", "-", "A"), fc.nat(1))
  .map(([name, at, letter, removed]) => `--${name.slice(0, at)}${letter}${name.slice(at + removed)}`)
  // One that exists would come without its value.
  .map((word) => (options.has(word.slice(2) as never) ? `${word}x` : word));

const given: Arbitrary<string[]> = fc.constantFrom(...options).chain(([name, { type, alias }]) => {
  if (type === "boolean") return fc.constantFrom([`--${name}`], [alias ? `-${alias}` : `--${name}`]);
  const forms = [
    (value: string) => [`--${name}=${value}`],
    (value: string) => [`--${name}`, value],
    ...(alias ? [(value: string) => [`-${alias}${value}`], (value: string) => [`-${alias}`, value]] : []),
  ];
  return fc.tuple(fc.constantFrom(...forms), valueOf(name)).map(([form, value]) => form(value));
});

const option = fc.oneof(
  { arbitrary: given, weight: 20 },
  { arbitrary: misspelt.map((word) => [word]), weight: 2 },
  fc.constantFrom(...flags).map((name) => [`--${name}=1`]),
  fc
    .array(fc.constantFrom(...letters.keys()), { minLength: 1, maxLength: 5 })
    .map((cluster) => [`-${cluster.join("")}`]),
  junk.map((text) => [`-${text}`]),
  junk.map((text) => [`--${text}`]),
  fc.constantFrom(["--"], ["-"], ["-m", "-b0"], ["--keep-alive", "--keep-alive-time=7"]),
);

const ip = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      ...["127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", "0.0.0.0", "::1", "::", "192.0.2.1"],
      ...["fe80::1", "fe80::1%lo", "fe80::1%1", "fe80::1%none", "fe80::1%", "::ffff:127.0.0.1", "ff02::1%lo"],
      ...["127.0.0.1:80", "[::1]:80", "localhost", "1.2.3", "::1%lo", "2001:db8::1", "224.0.0.1", ""],
    ),
    weight: 12,
  },
  junk,
  long,
);
const port = fc.oneof({ arbitrary: fc.constant("0"), weight: 12 }, number, junk);
const prog = fc.oneof(
  {
    arbitrary: fc.constantFrom("../probe", "true", "nonexistent", "/nonexistent", "/", "", "/etc/passwd"),
    weight: 8,
  },
  junk,
  long,
);

const wild = fc
  .tuple(fc.array(option, { maxLength: 7 }), ip, port, prog, fc.array(junk, { maxLength: 3 }), fc.nat(60))
  .map(([options, ip, port, prog, others, cut]) => {
    const args = [...options.flat(), ip, port, prog, ...others];
    // Now and then it is cut off.
    return cut < args.length ? args.slice(0, cut) : args;
  });

/** Of a line with which little can be wrong. */
const soundOption = fc.constantFrom(
  ...["-d", "-D", "-M", "-B", "-b5", "-b 7", "--backlog=0", "--reuse-port", "--free-bind", "--interface=lo"],
  ...["--no-delay", "--keep-alive", "--keep-alive --keep-alive-time=7", "--keep-alive --keep-alive-probes 3"],
  ...["--keep-alive --keep-alive-interval=9", "--defer-accept=3", "--fast-open=5", "--congestion=cubic"],
  ...[
    "--user-timeout=500",
    "--receive-buffer=65536",
    "--send-buffer 65536",
    "--mark=5",
    "--tos=32",
    "--ttl=9",
  ],
  ...[
    "--priority=3",
    "--transparent",
    "--mptcp",
    "-m -b0",
    "--fd=3",
    "--fd=7",
    "--fd=0",
    "--fd=2",
    "--listen-fds",
  ],
  ...["--listen-fds --fd=0", "--listen-fds --fd-name=web", "--report-fd=1", "--report-fd=2", "--report-fd=5"],
  ...["--report-file=report", "--report-file=/dev/stdout", "--wait=.001", "--dual-stack", "--", "--adopt"],
  ...[
    "--adopt --listen-fds",
    "--netns=/proc/self/ns/net",
    "--notify",
    "--timestamps",
    "--receive-buffer=64K",
  ],
);
const soundPlace = fc.constantFrom(
  "127.0.0.1",
  "127.0.0.1",
  "127.0.0.1",
  "::1",
  "::",
  "fe80::1%lo",
  "0.0.0.0",
);
const soundProg = fc.constantFrom("../probe", "true", "nonexistent", "/etc/passwd");

const half = fc
  .tuple(fc.array(soundOption, { maxLength: 5 }), soundPlace)
  .map(([options, ip]) => [...options.flatMap((text) => text.split(" ")), ip, "0"]);

/** Some execute themselves, so that a socket is passed. */
const sound = fc
  .tuple(fc.array(half, { minLength: 1, maxLength: 2 }), soundProg)
  .map(([halves, prog]) => [
    ...halves.flatMap((words, i) => (i === 0 ? words : [SELF, ...words])),
    prog,
    "a b",
  ]);

export const commandLine = fc.oneof({ arbitrary: sound, weight: 3 }, { arbitrary: wild, weight: 2 });
