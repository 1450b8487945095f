/** ip, port and prog: address.ts, numbers.ts, exec.ts. */

import { failing } from "./errors.ts";
import { CANNOT_EXEC, GOOD, good, IPV4, line, PROG, SYSTEM, USAGE } from "./lines.ts";

const long = "v".repeat(300);
/** Longer than what is read by the way. */
const longer = "v".repeat(10_000);
const longest = "v".repeat(131_071);

const addresses = [
  ..."127.0.0.1 0.0.0.0 255.255.255.255 192.0.2.7 ::1 :: ::ffff:127.0.0.1 2001:db8::1 2001:DB8:0:0:0:0:0:1".split(
    " ",
  ),
  ..."fe80::1 fe80::1%lo fe80::1%1 fe80::1%4294967295 febf::1%lo ff02::1%lo ff01::1%1 ff12::1%lo".split(" "),
];

const noAddresses = [
  ..."localhost 1.2.3 1.2.3.4.5 256.0.0.1 01.2.3.4 0x7f.1 127.0.0.1% 127.0.0.1%lo 127.0.0.1/8 * [::1]".split(
    " ",
  ),
  ...":: ::: ::1% ::1%lo 1::2::3 12345:: ::ffff:1.2.3 fe80::1% fe00::1%lo fec0::1%lo ff05::1%lo"
    .split(" ")
    .slice(1),
  ..."127.0.0.1:80 [::1]:80 :80 *:80 localhost:80 ::1:80000 [127.0.0.1]:80 127.0.0.1:x".split(" "),
  ..."127.0.0.1\xff \xff é %".split(" "),
  "",
  " 127.0.0.1",
];

const ports = "0 1 80 080 65535".split(" ");
const noPorts = [
  "",
  "-1",
  " 1",
  "1 ",
  "+1",
  "1x",
  "x",
  "65536",
  "4294967296",
  "1e3",
  "0x50",
  "\xff",
  "9".repeat(400),
];
/** The bytes around the digits. */
const aroundDigits = ["/", ":", "1/", "1:"];

const paths: readonly (readonly string[])[] = [
  [],
  ["PATH="],
  ["PATH=:"],
  ["PATH=:/nonexistent:"],
  ["PATH=/usr/bin"],
  ["PATH=/usr/bin:/bin:/usr"],
  ["PATH=."],
  ["PATH=relative:/usr"],
  ["PATH=\xff"],
  [`PATH=${long}:/usr`],
  [`PATH=${"/usr:".repeat(2000)}`],
  ["PATHS=/usr", "PAT=/bin"],
  ["NOTHING", "=", "PATH=/usr", "PATH=/bin"],
];

export const operands = [
  ...addresses.map((ip) => line(GOOD, [ip, "0", ...PROG])),
  ...noAddresses.map((ip) => line(USAGE, [ip, "0", ...PROG])),
  ...[long, longer, longest].map((ip) => line(USAGE, [ip, "0", ...PROG])),
  ...["--dual-stack", "--mptcp", "--dual-stack --mptcp"].map((options) =>
    line(GOOD, [...options.split(" "), "::", "0", ...PROG]),
  ),
  line(GOOD, ["--dual-stack", "::1", "0", ...PROG]),
  line(USAGE, ["--dual-stack", ...IPV4, ...PROG]),
  line(USAGE, ["--mptcp", "-m", ...IPV4, ...PROG]),
  // The interface of a scope is not there.
  line(SYSTEM, ["fe80::1%nope", "0", ...PROG]),
  line(SYSTEM, ["fe80::1%4294967296", "0", ...PROG]),
  line(SYSTEM, [`fe80::1%${long}`, "0", ...PROG]),
  line(SYSTEM, ["fe80::1%\xff", "0", ...PROG]),
  line(SYSTEM, ["fe80::1%nope", "0", ...PROG], { failures: failing("socket", "EMFILE") }),
  line(GOOD, ["fe80::1%7", "0", ...PROG], { failures: failing("ioctl", "EINVAL") }),

  ...ports.map((port) => line(GOOD, ["127.0.0.1", port, ...PROG])),
  ...[...noPorts, ...aroundDigits].map((port) => line(USAGE, ["127.0.0.1", port, ...PROG])),

  // What is missing.
  line(USAGE, "127.0.0.1"),
  line(USAGE, "127.0.0.1 80"),
  line(USAGE, "fe80::1%"),
  line(USAGE, ["x:!p", "0", ...PROG]),
  line(USAGE, "127.0.0.1:80"),
  line(USAGE, "127.0.0.1:80 prog"),
  line(USAGE, "[::1]:80 prog"),
  line(USAGE, "localhost:80 prog"),
  line(USAGE, "-b 127.0.0.1 80 prog"),
  line(USAGE, "-b ::1 80 prog"),
  line(USAGE, "--ttl 127.0.0.1 80 prog"),

  line(GOOD, [...IPV4, longer]),

  // How prog is found, and what is said where it is not.
  ...paths.map((environment) => line(GOOD, [...IPV4, "prog"], { environment })),
  ...["", "/", "./prog", "prog/", "/prog/x", "\xff\xfe", long, `/${longer}`].map((prog) =>
    line(GOOD, [...IPV4, prog]),
  ),
  line(CANNOT_EXEC, [...IPV4, "prog"], {
    environment: ["PATH=/a:/b"],
    failures: [...failing("execve", "EACCES"), ...failing("execve", "EISDIR")],
  }),
  line(CANNOT_EXEC, [...IPV4, "prog"], {
    environment: ["PATH=/a:/b:/c"],
    failures: [...failing("execve", "EPERM"), ...failing("execve", "ENOTDIR")],
  }),

  // Longer than a path may be.
  line(GOOD, [...IPV4, "v".repeat(9000)]),

  // Arguments of prog are not looked at, however many.
  good([], { environment: Array.from({ length: 2000 }, (_, i) => `V${i}=${i}`) }),
  line(GOOD, [...IPV4, ...PROG, ""]),
  line(GOOD, [...IPV4, ...PROG, ...Array<string>(5000).fill("x")]),
  line(GOOD, [...IPV4, ...PROG, longest, longest, longest]),
];
