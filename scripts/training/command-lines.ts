/** The options as a command line has them, whatever their values: parse.ts. */

import { letters, options } from "../../src/command.ts";
import { failing } from "./errors.ts";
import { good, GOOD, IPV4, line, PROG, refused, SYSTEM, USAGE } from "./lines.ts";

/** A value that an option takes, where one is needed for it. */
export const sample: Readonly<Record<string, string>> = {
  backlog: "5",
  "fd-name": "web",
  "report-fd": "1",
  "report-file": "/report",
  netns: "/run/netns/blue",
  interface: "lo",
  congestion: "cubic",
  tos: "32",
};

/** Those that need a value; the others with one do without at the very end, as in the original. */
const unlettered = [...options]
  .filter(([, { type, alias }]) => type === "string" && !alias)
  .map(([name]) => name);
const flags = [...options].filter(([, { type }]) => type === "boolean").map(([name]) => name);
/** Those letters that stand alone, in a cluster. */
const cluster = [...letters].flatMap(([letter, name]) => (flags.includes(name) ? letter : [])).join("");

export const commandLines = [
  // Where options begin and end.
  line(USAGE, []),
  line(USAGE, "--"),
  line(USAGE, "-- --"),
  line(USAGE, "-"),
  line(USAGE, ["-", "0", ...PROG]),
  line(USAGE, ["", "", ""]),
  good("--"),
  good(`-${cluster}`),
  line(GOOD, ["-m", "-b0", "--", ...IPV4, ...PROG]),
  line(GOOD, [...IPV4, "/prog", "--help", "-z"]),

  // Information, which ends the reading.
  line(0, "--help"),
  line(0, "--version"),
  line(0, "-D --help --nonsense"),
  line(0, "-D --version"),
  line(USAGE, "--nonsense --help"),
  line(SYSTEM, "--help", { open: [] }),
  line(SYSTEM, "--help", { open: [0, 2] }),
  line(SYSTEM, "--version", { open: [0, 2] }),
  line(SYSTEM, "--help", { failures: failing("write", "EPIPE") }),

  // What is no option.
  ...["-z", "-h", "-dz", "-\xff", "-="].map((text) => refused([text])),
  ...["--zz", "---", "--D", "--\xc5\xdex", "--\xff\xc5\xf0x\x1d\xe4.\xcf-"].map((text) => refused([text])),
  ...["--=", "--=1"].map((text) => refused([text])),
  ...["--zz=1", "--\xff=1"].map((text) => refused([text])),
  refused([`--${"z".repeat(300)}`]),
  refused([`-${"d".repeat(5000)}z`]),

  // Every letter: alone, with what follows, at the very end.
  ...[...letters].flatMap(([letter, name]) => (flags.includes(name) ? alone(letter, name) : [])),
  ...[...letters].flatMap(([letter, name]) => {
    const value = sample[name] ?? "1";
    return flags.includes(name)
      ? []
      : [good([`-${letter}${value}`]), good([`-${letter}`, value]), good([`-d${letter}`, value])];
  }),
  ...unlettered.map((name) => line(USAGE, [`--${name}`])),
  ...unlettered.map((name) => line(USAGE, [`--${name}`, "--"])),
  ...["-b", "--backlog", "--backlog --"].map((text) => line(USAGE, text)),
  line(USAGE, "-b --"),
  line(USAGE, ["-b", ...IPV4, "prog"]),

  // Every option without a value with one, and misspelt.
  ...flags.map((name) => refused(`--${name}=1`)),
  ...flags.map((name) => refused(`--${name}=`)),
  ...[...options.keys()].map((name) => refused(`--${name}x`)),
  ...[...options.keys()].map((name) => refused(`--${name.slice(1)}`)),
  ...[...options.keys()].map((name) => refused(`--${name.slice(0, -1)}`)),
  ...[...options.keys()].map((name) => refused(`--${name.slice(1)}=1`)),

  // What takes back, and what comes twice.
  good("-dD"),
  good("-Dd"),
  good("-mM"),
  good("-b5 -b 6 --backlog=7"),
  good("--ttl=1 --ttl 2"),
  good(Array<string>(20).fill("-d")),
  good(Array<string>(2000).fill("-d")),
  good(Array<string>(1000).fill("--no-delay")),
  good(Array<string>(500).fill("--ttl=5")),
];

/** A letter by itself; a UDP socket cannot listen. */
function alone(letter: string, name: string) {
  const args = [`-${letter}`, ...IPV4, ...PROG];
  return name === "udp"
    ? line(SYSTEM, args, { failures: failing("listen", "EOPNOTSUPP") })
    : line(GOOD, args);
}
