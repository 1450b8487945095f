/**
 * The command lines that the program rehearses while it is built: all that a run may do has been done once.
 * This is the only file that knows both the program and the freezing.
 */

import type { Rehearsal } from "./freeze/session.ts";
import { name } from "../package.json";

/** What stands in the program where the build ID goes: as long as that is in hexadecimal. */
export const BUILD_ID_TEXT = "the build ID goes here when it is frozen";

/** The system call that src/entry.ts makes, and no kernel has. */
export const POINT_OF_RETURN = 100_000;

type Failures = NonNullable<Rehearsal["failures"]>;

// asm-generic/errno-base.h, asm-generic/errno.h
const EPERM = 1;
const ENOENT = 2;
const EINTR = 4;
const EIO = 5;
const E2BIG = 7;
const EBADF = 9;
const ENOMEM = 12;
const EACCES = 13;
const EXDEV = 18;
const ENODEV = 19;
const EISDIR = 21;
const EINVAL = 22;
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
/** One that is there, as far as can be seen: then the address is reported. It cannot be executed, either. */
const program = "/usr/prog";
const long = "v".repeat(300);

const line = (exit: number, ...args: string[]): Rehearsal => ({ args: [name, ...args], environment, exit });
/** What nothing is wrong with: prog is not there, as everywhere in the fixed machine. */
const good = (...args: string[]) => line(127, ...args, ...place, ...prog);
const wrong = (...args: string[]) => line(100, ...args, ...place, ...prog);
const failing = (failures: Failures, exit: number, ...args: string[]) => ({
  ...line(exit, ...args),
  failures,
});
/** What reports: prog is looked up before that. */
const reporting = (exit: number, failures: Failures, files: readonly string[], ...args: string[]) => ({
  ...line(exit, ...args, ...place, program, "a"),
  files: [program, ...files],
  failures,
});
/** The file cannot be opened, nor prog, which is looked at first. */
const noFile = (errno: number): Failures => [
  ["openat", errno],
  ["openat", errno],
];
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
  reporting(111, [["getsockname", ENOBUFS]], [], "--report-fd=2"),
  failing([["fcntl", EBADF]], 111, "--help"),
  failing([["fcntl", EMFILE]], 127, "--fd=5", ...place, ...prog),
  failing([["setsockopt", ENODEV]], 111, "-D", "--interface=late", ...place, ...prog),
  failing([["setsockopt", ENODEV]], 127, "-D", "--wait=1", "--interface=late", ...place, ...prog),
  failing([["bind", ENODEV]], 127, "--wait=1", "fe80::1%7", "0", ...prog),
  failing([["dup2", EMFILE]], 111, "--fd=5", ...place, ...prog),
  failing([["write", EIO]], 111, "--help"),
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

  // How the address is reported, and how that fails.
  reporting(127, [], [], "--report-fd=0", "--fd=5"),
  reporting(127, [], [], "--report-fd=1", "--listen-fds"),
  reporting(127, [["write", EINTR]], [], "--report-fd=2"),
  reporting(111, [["write", ENOSPC]], [], "--report-fd=2"),
  reporting(111, [["write", ENOSPC]], [], file, "--report-fd=2"),
  reporting(111, [], [], "--report-fd=77"),
  reporting(127, [], [], file),
  reporting(127, [], ["/report"], file),
  reporting(127, [], ["/report"], file, "--fd=4", "--report-fd=1"),
  reporting(126, [["statx", EACCES]], [], file),
  reporting(126, [["faccessat2", EACCES]], [], file),
  reporting(111, [], ["/report"], `${file}/below`),
  reporting(111, noFile(EACCES), [], file),
  reporting(111, [["fsync", EIO]], [], file),
  reporting(111, [["write", ENOSPC]], [], file),
  reporting(111, [["rename", EXDEV]], [], file),
  reporting(127, noFile(EACCES), ["/report"], file),
  reporting(111, [["write", ENOSPC]], ["/report"], file),
  reporting(127, [["rename", EXDEV]], ["/report"], file),
  reporting(127, [["sendfile", EIO]], ["/report"], file),
  reporting(127, [["fchmod", EPERM]], ["/report"], file),
  reporting(127, [], ["/other"], "--report-file=/other"),
  reporting(127, [["fchown", EPERM]], ["/other"], "--report-file=/other"),
  reporting(111, noFile(ENOENT), [], file),
  reporting(127, [], [], "--report-file=/dev/stdout"),
  reporting(127, [], [], "--report-file=/dev/stderr"),
  reporting(127, [], [], "--report-file=/dev/fd/2"),
  reporting(111, [], [], "--report-file=/dev/fd/77"),
  reporting(127, [], ["/dev/null"], "--report-file=/dev/null"),
  reporting(111, [["write", ENOSPC]], ["/dev/full"], "--report-file=/dev/full"),
  reporting(127, noFile(ENOENT), ["/device"], "--report-file=/device"),
  wrong("--report-file="),
  line(127, "--report-fd=2", ...place, "prog"),
  { ...line(127, "--report-fd=2", ...place, "/usr/script.sh"), files: ["/usr/script.sh"] },
  { ...line(127, "--report-fd=2", ...place, "script.sh"), files: ["/usr/script.sh", "/usr/interpreter"] },
  line(127, "--report-fd=2", ...place, ""),

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

  line(127, "fe80::1%7", "0", ...prog),
  line(111, "fe80::1%lo", "0", ...prog),
  line(100, "fe80::1%", "0", ...prog),
  failing([["bind", EINVAL]], 111, "fe80::1", "0", ...prog),
  failing([["bind", EINVAL]], 111, "fe80::1%0", "0", ...prog),
  failing([["bind", EINVAL]], 111, "::ffff:127.0.0.1", "0", ...prog),
  failing([["bind", EINVAL]], 111, "ff05::1", "0", ...prog),
  failing([["bind", EINVAL]], 111, "2001:db8::1", "0", ...prog),
  line(100, "127.0.0.1:80", ...prog, "b"),
  line(100, "[::1]:80", ...prog),
  line(100, ":80", ...prog),

  // What is wrong with the command line.
  line(100),
  line(100, "-h"),
  line(100, "-b", "127.0.0.1", "0", "prog"),
  line(100, "-b", "127.0.0.1", "0", ...prog),
  wrong("--listen_fds"),
  wrong("--listenfds=1"),
  wrong("--backl"),
  wrong("--tcp=1"),
  wrong(`--${long}`),
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
  good("--listen-fds"),
  good("--listen-fds", "--fd=0", "--fd-name=web"),
  line(111, "--listen-fds", "--fd=3", ...place, ...prog),
  { ...good("--listen-fds"), environment: ["PATH=/usr", "LISTEN_FDS=1", "LISTEN_PIDFDID=7"] },
  { ...good("--listen-fds"), environment: ["LISTEN_PID=1000", "LISTEN_FDS=3", "LISTEN_FDNAMES=a"] },
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

  // As much as the kernel takes.
  ...[
    good(...Array<string>(50_000).fill("-d")),
    good(...Array<string>(100_000).fill("--no-delay")),
    good(...Array<string[]>(20_000).fill(["-b5", "-dDM", "--ttl=5", "--tos", "8"]).flat()),
    wrong(...Array<string>(100_000).fill("-d"), "--zzz"),
    line(100, "v".repeat(131_000), "0", ...prog),
    line(100, "127.0.0.1", "1".repeat(131_000), ...prog),
    line(127, ...place, "v".repeat(131_000)),
    line(127, ...place, `/${"v".repeat(131_000)}`),
    line(127, ...place, "/nonexistent/prog", ...Array<string>(18).fill("v".repeat(100_000))),
  ].map((rehearsal) => ({ ...rehearsal, heavy: true })),

  // What most runs are, last: so they are warmest.
  { ...reporting(127, [], [], "-D", "-b", "5", "--keep-alive", "--report-fd=2"), common: true },
  { ...line(127, ...place, "prog"), common: true },
  { ...good(), common: true },
];
