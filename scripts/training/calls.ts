/** How the system calls of a run fail that opens a socket and executes prog: socket.ts, retry.ts, exec.ts. */

import { errorsOf, failing } from "./errors.ts";
import { fails } from "./failures.ts";
import { CANNOT_EXEC, GOOD, IPV4, IPV6, line, PROG, SYSTEM, USAGE } from "./lines.ts";

const lateInterface = ["fe80::1%late", "80"];
const scoped = ["fe80::1%lo", "80"];
const without6 = failing("socket", "EAFNOSUPPORT");

/** What the kernel does not take, though it is an address. */
const invalid = [
  "fe80::1",
  "fe80::1%0",
  "ff02::1",
  "ff02::1%lo",
  "ff05::1",
  "::ffff:127.0.0.1",
  "2001:db8::1",
];

/** What may pass is tried again: retry.ts. */
const passing = ["EADDRINUSE", "EADDRNOTAVAIL", "ENODEV"];

export const failingCalls = [
  ...fails(SYSTEM, "socket"),
  ...fails(SYSTEM, "socket", "", { at: IPV6, errors: "EAFNOSUPPORT EMFILE" }),
  ...fails(SYSTEM, "socket", "--mptcp", { errors: "EPROTONOSUPPORT ENOPROTOOPT" }),
  ...fails(SYSTEM, "socket", "", { at: lateInterface }),
  ...fails(SYSTEM, "ioctl", "", { at: scoped }),
  ...fails(GOOD, "ioctl", "", { at: ["fe80::1%7", "0"] }),
  ...fails(SYSTEM, "setsockopt", "", { at: IPV6 }),
  ...fails(GOOD, "setsockopt"),
  ...fails(SYSTEM, "setsockopt", "-D --interface=lo"),
  ...fails(SYSTEM, "bind"),
  ...fails(SYSTEM, "bind", "", { at: IPV6 }),
  ...fails(SYSTEM, "bind", "-m -b0"),
  ...invalid.flatMap((ip) => fails(SYSTEM, "bind", "", { at: [ip, "80"], errors: "EINVAL" })),
  ...invalid.flatMap((ip) => fails(SYSTEM, "bind", "-m -b0", { at: [ip, "80"], errors: "EINVAL" })),
  ...fails(SYSTEM, "listen"),
  ...fails(GOOD, "close"),
  ...fails(SYSTEM, "dup2", "--fd=7"),
  ...fails(SYSTEM, "dup2", "--listen-fds", { open: [1, 2] }),
  ...fails(SYSTEM, "dup2", "--listen-fds --fd=7", { open: [1, 2], after: 1, errors: "EBUSY" }),
  ...fails(GOOD, "fcntl", "--fd=7"),
  ...fails(SYSTEM, "fcntl", "--fd=2", { after: 1 }),
  ...fails(SYSTEM, "getrlimit", "--fd=7"),
  ...fails(SYSTEM, "getrlimit", "--listen-fds"),
  ...fails(CANNOT_EXEC, "execve"),
  ...fails(GOOD, "execve", "", { errors: "ENOENT" }),
  ...fails(GOOD, "clock_gettime", "--wait=1"),
  ...fails(USAGE, "write", "--ttl=0"),
  ...fails(USAGE, "write", "--ttl=0", { errors: "EINTR" }),

  // In PATH the search goes on after some errors.
  ...errorsOf.execve.split(" ").map((error) =>
    line(CANNOT_EXEC, [...IPV4, "prog"], {
      environment: ["PATH=/a:/b"],
      failures: failing("execve", error),
    }),
  ),

  // Without IPv6.
  line(GOOD, ["--dual-stack", "::", "0", ...PROG], { failures: without6 }),
  line(GOOD, ["--dual-stack", "--ttl=5", "--tos=4", "::", "80", ...PROG], { failures: without6 }),
  line(GOOD, ["--dual-stack", "--report-fd=1", "::", "0", ...PROG], { failures: without6 }),
  line(SYSTEM, ["--dual-stack", "::1", "0", ...PROG], { failures: without6 }),
  line(SYSTEM, ["--dual-stack", "::", "0", ...PROG], { failures: [...without6, ...without6] }),
  line(SYSTEM, ["--dual-stack", "::", "0", ...PROG], {
    failures: [...without6, ...failing("bind", "EACCES")],
  }),

  ...passing.flatMap((error) => [
    line(GOOD, ["--wait=1", ...IPV4, ...PROG], { failures: failing("bind", error) }),
    line(GOOD, ["--wait=1", "-m", "-b0", ...IPV4, ...PROG], { failures: failing("bind", error) }),
    line(GOOD, ["--wait=1", "--fd=7", ...IPV6, ...PROG], {
      failures: [...failing("bind", error), ...failing("bind", error)],
    }),
    line(GOOD, ["--wait=9", ...IPV4, ...PROG], {
      failures: [...failing("listen", error), ...failing("bind", error)],
    }),
    line(GOOD, ["--wait=9", "-D", "--interface=late", ...IPV4, ...PROG], {
      failures: failing("setsockopt", error),
    }),
    line(GOOD, ["--wait=9", ...IPV4, ...PROG], {
      failures: [...failing("bind", error), ...failing("usleep", "EINTR")],
    }),
    line(SYSTEM, ["--wait=0.02", ...IPV4, ...PROG], { failures: Array(4).fill(failing("bind", error)[0]) }),
    line(SYSTEM, ["--wait=9", ...IPV4, ...PROG], {
      failures: [...failing("bind", error), ...failing("bind", "EACCES")],
    }),
  ]),
  line(GOOD, ["--wait=9", ...scoped, ...PROG], { failures: failing("ioctl", "ENODEV") }),
  line(SYSTEM, ["--wait=0.3", ...lateInterface, ...PROG]),
  line(SYSTEM, ["--wait=9", ...lateInterface, ...PROG], { failures: failing("ioctl", "EPERM") }),
  ...fails(GOOD, "usleep", "--wait=9", { after: 0 }).map((row) => ({
    ...row,
    failures: [...failing("bind", "EADDRINUSE"), ...(row.failures ?? [])],
  })),
];
