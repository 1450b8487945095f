/** What --report-file and --report-fd meet, and how it fails: report.ts, report-file.ts, replacement.ts. */

import { failing } from "./errors.ts";
import { fails } from "./failures.ts";
import {
  CANNOT_EXEC,
  failed,
  GOOD,
  good,
  good6,
  line,
  PROG,
  S_IFCHR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
  SYSTEM,
  type Surroundings,
} from "./lines.ts";

const FILE = "--report-file=/report";

/** What is at the path. */
const report = (mode: number, others: { owner?: number; contents?: Buffer } = {}): Surroundings => ({
  files: { "/report": { mode, ...others } },
});
const regular = report(S_IFREG | 0o600);
const ofAnother = report(S_IFREG | 0o644, { owner: 7 });
const fifo = report(S_IFIFO | 0o600);
const link = {
  files: { ...report(S_IFLNK, { contents: Buffer.from("/target") }).files, "/target": { mode: S_IFREG } },
};
const linkToNowhere = report(S_IFLNK, { contents: Buffer.from("/target") });

/** Why a file cannot be replaced, so that it is written in place. */
const IN_PLACE = "EACCES EBUSY EPERM EROFS EXDEV";

const script = (contents: string): Surroundings => ({
  files: { "/prog": { mode: S_IFREG | 0o755, contents: Buffer.from(contents) } },
});

export const reports = [
  // prog is looked up first.
  line(127, [FILE, "127.0.0.1", "0", "/nonexistent"]),
  line(127, [FILE, "127.0.0.1", "0", "nonexistent"]),
  line(127, [FILE, "127.0.0.1", "0", ""]),
  line(CANNOT_EXEC, [FILE, "127.0.0.1", "0", "/directory"], { files: { "/directory/x": { mode: S_IFREG } } }),
  line(CANNOT_EXEC, [FILE, "127.0.0.1", "0", "/file"], { files: { "/file": { mode: S_IFREG | 0o644 } } }),
  line(CANNOT_EXEC, [FILE, "127.0.0.1", "0", "/prog/x"]),
  line(127, ["--report-fd=2", "127.0.0.1", "0", "prog"]),
  ...[
    "",
    "#",
    "#!",
    "#!\n",
    "#! /usr/prog\n",
    "#!/usr/prog -x\n",
    "#!\t/usr/prog\t\n",
    `#!/${"x".repeat(300)}\n`,
  ].map((contents) => good(FILE, script(contents))),
  line(127, [FILE, "127.0.0.1", "0", ...PROG], script("#!/nonexistent\n")),
  line(CANNOT_EXEC, [FILE, "127.0.0.1", "0", ...PROG], script("#!/prog/x\n")),
  ...fails(CANNOT_EXEC, "statx", FILE),
  ...fails(CANNOT_EXEC, "faccessat", FILE),
  ...fails(GOOD, "open", FILE),
  ...fails(GOOD, "read", FILE),

  // To a descriptor.
  ...fails(SYSTEM, "getsockname", "--report-fd=2"),
  ...fails(SYSTEM, "getsockname", FILE, { errors: "ENOBUFS" }),
  ...fails(SYSTEM, "write", "--report-fd=2"),
  ...fails(SYSTEM, "fcntl", "--report-fd=2", { errors: "EBADF EPERM" }),
  ...fails(GOOD, "write", "--report-fd=2", { errors: "EINTR" }),
  ...fails(GOOD, "close", "--report-fd=7", { open: [0, 1, 2, 7], after: 1 }),
  ...fails(GOOD, "sigaction", "--report-fd=2"),
  failed("--report-fd=2", { failures: [...failing("write", "EINTR"), ...failing("write", "EIO")] }),
  failed(`${FILE} --report-fd=2`, { failures: failing("write", "EPIPE", 1) }),
  failed(`${FILE} --report-fd=2`, { ...regular, failures: failing("write", "EPIPE", 1) }),
  line(GOOD, ["--report-fd=2", "fe80::1%lo", "0", ...PROG]),

  // To a new file.
  ...["/report", "report", `/${"r".repeat(5000)}`, "/r\xff"].map((path) => good(`--report-file=${path}`)),
  good6(FILE),
  good(`${FILE} --report-fd=2`),
  good(`${FILE} -m -b0`),
  good(`${FILE} --fd=2`),
  failed("--report-file=/nonexistent/report"),
  failed("--report-file=/prog/report"),
  ...fails(SYSTEM, "statx", FILE, { after: 1 }),
  ...fails(SYSTEM, "open", FILE, { after: 1 }),
  ...fails(SYSTEM, "statx", FILE, { after: 2 }),
  ...fails(SYSTEM, "write", FILE),
  ...fails(GOOD, "write", FILE, { errors: "EINTR" }),
  ...fails(SYSTEM, "fsync", FILE),
  ...fails(SYSTEM, "rename", FILE),
  ...fails(GOOD, "getrandom", FILE),
  ...fails(GOOD, "unlink", FILE),
  ...fails(GOOD, "statx", FILE, { after: 3 }),
  ...fails(SYSTEM, "dup2", `${FILE} --fd=7`),

  // In the place of a file.
  good(FILE, regular),
  good(FILE, ofAnother),
  good(`${FILE} --fd=2`, regular),
  good(`${FILE} --fd=4 --report-fd=1`, regular),
  good(`${FILE} --listen-fds`, regular),
  ...fails(GOOD, "open", FILE, { ...regular, after: 1 }),
  ...fails(SYSTEM, "open", FILE, { ...regular, after: 2, errors: `not ${IN_PLACE}` }),
  ...fails(GOOD, "open", FILE, { ...regular, after: 2, errors: "EACCES EBUSY EPERM EROFS" }),
  ...fails(SYSTEM, "fchown", FILE, { ...ofAnother, errors: `not ${IN_PLACE}` }),
  ...fails(GOOD, "fchown", FILE, { ...ofAnother, errors: "EPERM EROFS" }),
  ...fails(SYSTEM, "fchmod", FILE, { ...regular, errors: `not ${IN_PLACE}` }),
  ...fails(GOOD, "fchmod", FILE, { ...regular, errors: "EPERM EROFS" }),
  ...fails(SYSTEM, "write", FILE, { ...regular, errors: `not ${IN_PLACE}` }),
  ...fails(SYSTEM, "fsync", FILE, { ...regular, errors: `not ${IN_PLACE}` }),
  ...fails(SYSTEM, "rename", FILE, { ...regular, errors: `not ${IN_PLACE}` }),
  ...fails(GOOD, "rename", FILE, { ...regular, errors: IN_PLACE }),
  // And when it is given back.
  ...fails(GOOD, "open", FILE, { ...regular, after: 3 }),
  ...fails(GOOD, "sendfile", FILE, regular),
  ...fails(GOOD, "sendfile", FILE, { ...regular, after: 1, errors: "EIO" }),
  ...fails(GOOD, "rename", FILE, { ...regular, after: 1 }),
  ...fails(GOOD, "fsync", FILE, { ...regular, after: 1 }),
  ...fails(GOOD, "statx", FILE, { ...regular, after: 3 }),
  ...fails(GOOD, "fchmod", FILE, { ...regular, after: 1 }),

  // In place.
  ...[fifo, report(S_IFCHR | 0o666), link, linkToNowhere].map((surroundings) => good(FILE, surroundings)),
  failed(FILE, { files: { "/report/x": { mode: S_IFREG } } }),
  ...fails(SYSTEM, "open", FILE, { ...fifo, after: 1 }),
  ...fails(SYSTEM, "statx", FILE, { ...fifo, after: 2 }),
  ...fails(SYSTEM, "write", FILE, fifo),
  ...fails(GOOD, "write", FILE, { ...fifo, errors: "EINTR" }),
  ...fails(GOOD, "close", FILE, { ...fifo, after: 2 }),
  ...fails(SYSTEM, "write", FILE, link),
  ...fails(SYSTEM, "ftruncate", FILE, link),
  ...fails(SYSTEM, "write", FILE, linkToNowhere),
  ...fails(SYSTEM, "open", FILE, { ...linkToNowhere, after: 2 }),
  ...fails(SYSTEM, "readlink", FILE, linkToNowhere),
  ...fails(SYSTEM, "statx", FILE, { ...linkToNowhere, after: 2 }),
  ...fails(SYSTEM, "ftruncate", FILE, linkToNowhere),
  ...fails(GOOD, "unlink", FILE, linkToNowhere),

  // To a descriptor by its path.
  ...["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/2"].map((path) =>
    good(`--report-file=${path}`),
  ),
  good("--report-file=/dev/fd/7", { open: [0, 1, 2, 7] }),
  failed("--report-file=/dev/fd/x"),
  failed("--report-file=/dev/fd/77"),
  failed("--report-file=/dev/stdout", { open: [0, 2] }),
  ...fails(SYSTEM, "write", "--report-file=/dev/stdout"),
];
