/** What the kernel keeps of a process: signals, limits, scheduling and such. */

import { constants } from "node:os";
import { table, words, type Situations } from "./state.ts";

const { signals } = constants;

// Linux: linux/sched.h, linux/prctl.h, linux/personality.h
const SCHED = { FIFO: 1, BATCH: 3, IDLE: 5 };
const PR = {
  SET_PDEATHSIG: 1,
  SET_DUMPABLE: 4,
  CAPBSET_DROP: 24,
  SET_SECUREBITS: 28,
  SET_TSC: 26,
  SET_TIMERSLACK: 29,
  SET_CHILD_SUBREAPER: 36,
  SET_NO_NEW_PRIVS: 38,
  SET_THP_DISABLE: 41,
  SET_MDWE: 65,
};
const TSC_SIGSEGV = 2;
const MDWE_REFUSE_EXEC_GAIN = 1;
const CAP_SYS_TIME = 25;
const SECBIT_NOROOT = 1;
const ADDR_NO_RANDOMIZE = 0x0040000;

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
  "no memory that may be written and executed": {
    arrange: words(`prctl ${PR.SET_MDWE} ${MDWE_REFUSE_EXEC_GAIN}`),
    tools: ["Linux 6.3"],
  },
  // On arm64 since Linux 6.12.
  "rdtsc forbidden": { arrange: words(`prctl ${PR.SET_TSC} ${TSC_SIGSEGV}`), only: "x64" },
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
