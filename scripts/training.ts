/**
 * The command lines that the program rehearses while it is built: all that a run may do has been done once.
 * This is the only file that knows both the program and the freezing.
 */

import type { Rehearsal } from "./freeze/freeze.ts";
import { name } from "../package.json";

/** What stands in the program where the build ID goes: as long as that is in hexadecimal. */
export const BUILD_ID_TEXT = "the build ID goes here when it is frozen";

/** The system call that src/entry.ts makes, and no kernel has. */
export const POINT_OF_RETURN = 100_000;

type Failures = NonNullable<Rehearsal["failures"]>;

// asm-generic/errno-base.h, asm-generic/errno.h
const EINTR = 4;
const EIO = 5;
const E2BIG = 7;
const EBADF = 9;
const ENOMEM = 12;
const EACCES = 13;
const EXDEV = 18;
const EISDIR = 21;
const EMFILE = 24;
const ENOSPC = 28;
const ENOPROTOOPT = 92;
const EAFNOSUPPORT = 97;
const EADDRINUSE = 98;
const ENOBUFS = 105;

const environment = [
  "PATH=/nonexistent:/usr",
  "LISTEN_PID=1000",
  "LISTEN_FDS=2",
  "LISTEN_FDNAMES=a:b",
  "LISTEN_PIDFDID=5",
];
const place = ["127.0.0.1", "0"];
const prog = ["/nonexistent/prog", "a"];
const long = "v".repeat(300);

const line = (exit: number, ...args: string[]): Rehearsal => ({ args: [name, ...args], environment, exit });
/** What nothing is wrong with: prog is not there, as everywhere in the fixed machine. */
const good = (...args: string[]) => line(127, ...args, ...place, ...prog);
const wrong = (...args: string[]) => line(100, ...args, ...place, ...prog);
const failing = (failures: Failures, exit: number, ...args: string[]) => ({
  ...line(exit, ...args),
  failures,
});
const within = (environment: string[], ...args: string[]) => ({ ...line(127, ...args), environment });

const file = "--report-file=/report";
const setting =
  "--reuse-port --free-bind --interface=lo --no-delay --keep-alive --tos=32 --priority=3 --ttl=9".split(" ");

export const rehearsals: readonly Rehearsal[] = [
  // How socket(), bind() and the others fail.
  failing([["socket", EAFNOSUPPORT]], 127, "--dual-stack", "::", "0", ...prog),
  failing(
    [
      ["socket", EAFNOSUPPORT],
      ["socket", EAFNOSUPPORT],
    ],
    111,
    "--dual-stack",
    "::",
    "0",
    ...prog,
  ),
  failing([["socket", EAFNOSUPPORT]], 111, "--dual-stack", "::1", "0", ...prog),
  failing([["socket", EMFILE]], 111, ...place, ...prog),
  failing([["setsockopt", ENOPROTOOPT]], 111, "::1", "0", ...prog),
  failing([["setsockopt", ENOPROTOOPT]], 127, ...place, ...prog),
  failing([["setsockopt", ENOPROTOOPT]], 111, "-D", "--ttl=5", ...place, ...prog),
  failing([["bind", EACCES]], 111, ...place, ...prog),
  failing([["listen", EADDRINUSE]], 111, ...place, ...prog),
  failing(
    [
      ["listen", EADDRINUSE],
      ["bind", EADDRINUSE],
    ],
    127,
    "--wait=1",
    ...place,
    ...prog,
  ),
  failing([["getsockname", ENOBUFS]], 111, "--report-fd=2", ...place, ...prog),
  failing([["fcntl", EBADF]], 111, "--help"),
  failing([["write", EINTR]], 127, "--report-fd=2", ...place, ...prog),
  failing([["write", ENOSPC]], 111, "--report-fd=2", ...place, ...prog),
  failing([["write", ENOSPC]], 111, file, "--report-fd=2", ...place, ...prog),
  failing([["write", EIO]], 111, "--help"),
  failing([["fsync", EIO]], 111, file, ...place, ...prog),
  failing([["rename", EXDEV]], 111, file, ...place, ...prog),
  failing([["execve", E2BIG]], 126, ...place, ...prog),
  failing([["execve", ENOMEM]], 126, ...place, "prog"),
  failing(
    [
      ["execve", EACCES],
      ["execve", EISDIR],
    ],
    126,
    ...place,
    "prog",
  ),

  // Numbers and their edges.
  wrong("-b-1"),
  wrong("-bx"),
  wrong("--mark=-1"),
  wrong("--mark= 1"),
  good("--mark=4294967295"),
  wrong("--mark=4294967296"),
  wrong("--mark"),
  wrong("--wait=-1"),
  good("--wait=.5"),
  good("--wait=1."),
  wrong("--wait=x"),
  wrong(`-b${"9".repeat(400)}`),
  good("-b4294967295"),
  wrong("-b4294967296"),
  line(100, "127.0.0.1", "-1", ...prog),
  line(100, "127.0.0.1", " 1", ...prog),
  line(100, "127.0.0.1", "x", ...prog),
  line(100, "127.0.0.1", "65536", ...prog),

  // Addresses.
  line(127, "::1", "0", ...prog),
  line(100, "::1%lo", "0", ...prog),
  line(100, "1.2.3", "0", ...prog),
  line(100, long, "0", ...prog),
  line(100, "127.0.0.1\xff", "0", ...prog),
  line(127, "192.0.2.7", "0", ...prog),
  line(127, "--dual-stack", "::", "0", ...prog),
  wrong("--dual-stack"),

  // What is wrong with the command line.
  line(100),
  line(100, "127.0.0.1"),
  line(100, ...place),
  wrong("-z"),
  wrong("--zz"),
  wrong("--zz=1"),
  wrong("--=1"),
  wrong("-\xff"),
  line(100, "-", "0", ...prog),

  // Options.
  line(0, "--help"),
  line(0, "--version"),
  good("--"),
  good("-d"),
  good("-m", "-b0"),
  good("-M", "-B", "-b", "5"),
  good("--mptcp"),
  wrong("--mptcp", "-m"),
  good("--fd=5"),
  good("--fd=2"),
  wrong("--fd=x"),
  wrong("--fd-name=x"),
  good(...setting),
  line(127, "--dual-stack", ...setting, "::", "0", ...prog),
  good("--packet-info", "--broadcast", "-m", "-b0"),

  // How prog is found.
  line(127, ...place, long),
  within([], ...place, "prog"),
  within(["PATH="], ...place, "prog"),
  within(["PATH=:/nonexistent:"], ...place, "prog"),
  line(127, ...place, ""),

  // What most runs are, last: so they are warmest.
  { ...good("-D", "-b", "5", "--keep-alive", "--report-fd=2"), common: true },
  { ...line(127, ...place, "prog"), common: true },
  { ...good(), common: true },
];
