/** The states in which a program is started, by name. Rows that need the machine's architecture are in the tests. */

import { constants } from "node:os";
import type { Situation } from "./state.ts";

const { signals } = constants;

// Linux: asm-generic/fcntl.h, linux/sched.h, linux/prctl.h, linux/personality.h
const O_NONBLOCK = 0o4000;
const SCHED = { FIFO: 1, BATCH: 3, IDLE: 5 };
const PR = {
  SET_PDEATHSIG: 1,
  SET_DUMPABLE: 4,
  CAPBSET_DROP: 24,
  SET_SECUREBITS: 28,
  SET_TIMERSLACK: 29,
  SET_CHILD_SUBREAPER: 36,
  SET_NO_NEW_PRIVS: 38,
  SET_THP_DISABLE: 41,
};
const CAP_SYS_TIME = 25;
const SECBIT_NOROOT = 1;
const ADDR_NO_RANDOMIZE = 0x0040000;

type Situations = Record<string, Situation>;

const table = <T>(rows: readonly T[], row: (value: T) => [string, Situation]): Situations =>
  Object.fromEntries(rows.map(row));

const words = (text: string) => text.split(" ");

// Those that a supervisor passes on, those that the runtime handles for itself, and some that nobody touches.
const signalNames = [
  ...(["SIGPIPE", "SIGXFSZ", "SIGHUP", "SIGINT", "SIGTERM", "SIGCHLD"] as const),
  ...(["SIGPWR", "SIGSEGV", "SIGILL", "SIGBUS", "SIGFPE", "SIGABRT", "SIGTRAP", "SIGSYS"] as const),
  ...(["SIGQUIT", "SIGUSR1", "SIGALRM", "SIGTSTP", "SIGWINCH"] as const),
];
const [firstRealTime, lastRealTime] = [34, 64];
const everySignal = [...signalNames.map((name) => signals[name]), firstRealTime, lastRealTime];

export const signalSituations: Situations = {
  ...table(signalNames, (name) => [`${name} ignored`, { arrange: ["ignore", `${signals[name]}`] }]),
  ...table(signalNames, (name) => [`${name} blocked`, { arrange: ["block", `${signals[name]}`] }]),
  "every signal ignored": { arrange: everySignal.flatMap((number) => ["ignore", `${number}`]) },
  "every signal blocked": { arrange: everySignal.flatMap((number) => ["block", `${number}`]) },
  "every signal ignored and blocked": {
    arrange: everySignal.flatMap((number) => words(`ignore ${number} block ${number}`)),
  },
  "signals pending": {
    arrange: [signals.SIGTERM, signals.SIGPWR, signals.SIGUSR1, lastRealTime].flatMap((number) => [
      "pend",
      `${number}`,
    ]),
  },
  "signals ignored by the shell": { shell: "trap '' HUP INT PIPE TERM" },
};

// asm-generic/resource.h. Address space and data are lowered no further than the runtime can do with.
const tera = 2 ** 40;
const limits: [string, number, number, number][] = [
  ["RLIMIT_CPU", 0, 1000, 2000],
  ["RLIMIT_FSIZE", 1, 2 ** 20, 2 ** 21],
  ["RLIMIT_DATA", 2, tera, 2 * tera],
  ["RLIMIT_STACK", 3, 2 ** 20, 2 ** 24],
  ["RLIMIT_CORE", 4, 0, 4096],
  ["RLIMIT_RSS", 5, tera, 2 * tera],
  ["RLIMIT_NPROC", 6, 5000, 6000],
  ["RLIMIT_NOFILE", 7, 300, 400],
  ["RLIMIT_MEMLOCK", 8, 4096, 8192],
  ["RLIMIT_AS", 9, tera, 2 * tera],
  ["RLIMIT_LOCKS", 10, 10, 20],
  ["RLIMIT_SIGPENDING", 11, 100, 200],
  ["RLIMIT_MSGQUEUE", 12, 1000, 2000],
  ["RLIMIT_NICE", 13, 0, 0],
  ["RLIMIT_RTPRIO", 14, 0, 0],
  ["RLIMIT_RTTIME", 15, 1_000_000, 2_000_000],
];

export const limitSituations: Situations = {
  ...table([256, 1024, 4096], (soft) => [
    `a soft limit of ${soft} open files`,
    { shell: `ulimit -Sn ${soft}` },
  ]),
  ...table(limits, ([name, number, soft, hard]) => [
    `a lower ${name}`,
    { arrange: words(`limit ${number} ${soft} ${hard}`) },
  ]),
};

const manyDescriptors = Array.from({ length: 1000 }, (_, i) => i + 3);
const closings = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];

/** With --data, data goes through each of them. */
export function descriptorSituations(directory: string): Situations {
  const kinds: Situations = {
    "fd 3 alone": { arrange: words("null 3") },
    "fds 3 to 10 with holes": { arrange: words("null 3 null 5 memfd 6 null 9 null 10") },
    "1,000 descriptors": {
      shell: "ulimit -n 4096",
      arrange: manyDescriptors.flatMap((fd) => ["null", `${fd}`]),
    },
    "both ends of a pipe": { arrange: words("pipe 3 4") },
    "the read end of a pipe, the other closed": { arrange: words("pipe 3 4 close 4") },
    "the write end of a pipe, the other closed": { arrange: words("pipe 3 4 close 3") },
    "a non-blocking pipe": { arrange: words(`pipe 3 7 flags 3 ${O_NONBLOCK}`) },
    "connected sockets": { arrange: words("socketpair 3 8") },
    "a directory": { arrange: ["directory", directory, "3"] },
    "a file opened for appending": { arrange: ["file", `${directory}/file`, "5"] },
    "a deleted file": { arrange: ["deleted", `${directory}/deleted`, "3"] },
    "an eventfd": { arrange: words("eventfd 4") },
    "an epoll of an eventfd": { arrange: words("eventfd 3 epoll 3 4") },
    "a timerfd that has expired": { arrange: words("timerfd 3") },
    "a signalfd with a signal": { arrange: words(`signalfd ${signals.SIGUSR1} 3 pend ${signals.SIGUSR1}`) },
    "a memfd": { arrange: words("memfd 3") },
    "one of each": {
      arrange: words(
        `pipe 3 4 socketpair 5 7 eventfd 8 epoll 8 9 timerfd 12 memfd 13 null 20 signalfd ${signals.SIGUSR1} 21 pend ${signals.SIGUSR1}`,
      ),
    },
  };
  return Object.fromEntries(Object.entries(kinds).map(([name, s]) => [name, { ...s, args: ["--data"] }]));
}

export const stdioSituations: Situations = {
  ...table(closings, (fds) => [
    `closed: ${fds.map((fd) => `fd ${fd}`).join(", ")}`,
    { shell: `exec ${fds.map((fd) => `${fd}>&-`).join(" ")}` },
  ]),
  ...table(closings, (fds) => [
    `closed: ${fds.map((fd) => `fd ${fd}`).join(", ")}; others open`,
    { shell: `exec ${fds.map((fd) => `${fd}>&-`).join(" ")}`, arrange: words("pipe 4 6 null 9") },
  ]),
  "stdout a pipe that nobody reads": { arrange: words("pipe 5 1 close 5") },
  "stdout a full disk": { shell: "exec >/dev/full" },
  "a terminal": { terminal: true },
  "a terminal with other settings": { terminal: true, shell: "stty raw -echo intr X" },
};

export const stringSituations: Situations = {
  "arguments that are not UTF-8": {
    shell: `set -- "$@" "$(printf '\\377\\376')" "$(printf 'a\\200b')" "$(printf '\\355\\240\\200')" "$(printf 'a\\n\\tb\\033')"`,
  },
  "empty arguments": { args: ["", "", "x", ""] },
  "arguments like options": { args: ["--help", "-d", "--", "--version", "-"] },
  "1.9 MB of arguments": { arrange: words("no-variables arguments 19 100000") },
  "100,000 arguments": { arrange: words("no-variables arguments 100000 10") },
  "variables that are not UTF-8": {
    shell: `export LATIN="$(printf '\\344\\366')" HIGH="$(printf '\\377\\376')"`,
  },
  "1.9 MB of environment": { arrange: words("no-variables variables 19 100000") },
  "10,000 variables": { arrange: words("variables 10000 20") },
  "an empty environment": { arrange: words("no-variables") },
  "duplicate variables": { arrange: words("variable A=1 variable B=2 variable A=3 variable PATH=/x") },
  "malformed variables": {
    arrange: ["variable", "NOEQUALS", "variable", "=x", "variable", "", "variable", "="],
  },
  "no HOME, PATH, TMPDIR or locale": { shell: "unset HOME PATH TMPDIR LANG LC_ALL LC_CTYPE" },
};

export const processSituations: Situations = {
  "nothing special": {},
  "another umask": { shell: "umask 027" },
  "a low priority": { arrange: words("nice 7") },
  "policy SCHED_BATCH": { arrange: words(`policy ${SCHED.BATCH} 0`) },
  "policy SCHED_IDLE": { arrange: words(`policy ${SCHED.IDLE} 0`) },
  "policy SCHED_FIFO": { arrange: words(`policy ${SCHED.FIFO} 1`), tools: ["root"] },
  "one CPU": { arrange: words("cpu 0") },
  "an oom_score_adj": { shell: "echo 500 >/proc/self/oom_score_adj" },
  "a coredump_filter": { shell: "echo 0x11 >/proc/self/coredump_filter" },
  "another timer slack": { arrange: words(`prctl ${PR.SET_TIMERSLACK} 12345`) },
  "a parent-death signal": { arrange: words(`prctl ${PR.SET_PDEATHSIG} ${signals.SIGTERM}`) },
  "not dumpable": { arrange: words(`prctl ${PR.SET_DUMPABLE} 0`) },
  no_new_privs: { arrange: words(`prctl ${PR.SET_NO_NEW_PRIVS} 1`) },
  "a subreaper": { arrange: words(`prctl ${PR.SET_CHILD_SUBREAPER} 1`) },
  "no transparent huge pages": { arrange: words(`prctl ${PR.SET_THP_DISABLE} 1`) },
  "a capability dropped": { arrange: words(`prctl ${PR.CAPBSET_DROP} ${CAP_SYS_TIME}`), tools: ["root"] },
  "no capabilities for root": {
    arrange: words(`prctl ${PR.SET_SECUREBITS} ${SECBIT_NOROOT}`),
    tools: ["root"],
  },
  "no address space randomization": { arrange: words(`personality ${ADDR_NO_RANDOMIZE}`) },
  ...table(["real", "virtual", "profiling"] as const, (name) => [
    `an interval timer: ${name}`,
    { arrange: words(`timer ${["real", "virtual", "profiling"].indexOf(name)}`) },
  ]),
  "a session of its own": { shell: 'set -- setsid "$@"', tools: ["setsid"] },
  "5 open files at most": { shell: "ulimit -n 5" },
  "6 open files at most": { shell: "ulimit -n 6" },
};

/** In and around `directory`, which is to be empty. */
export function directorySituations(directory: string): Situations {
  const inside = { cwd: directory };
  return {
    "another directory": inside,
    "a deleted current directory": { ...inside, shell: "mkdir gone; cd gone; rmdir ../gone" },
    "an unreadable current directory": {
      ...inside,
      shell: 'mkdir -p shut; cd shut; chmod 0 .; set -- setpriv --bounding-set=-all --inh-caps=-all "$@"',
      tools: ["setpriv"],
    },
    "a current directory with 100,000 files": {
      ...inside,
      shell: "mkdir -p many; cd many; [ -e 1 ] || seq 100000 | xargs touch",
    },
    "a read-only file system": {
      ...inside,
      shell: `set -- unshare -m sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"' "$(dirname "$report")" "$@"`,
      tools: ["root", "unshare"],
    },
  };
}
