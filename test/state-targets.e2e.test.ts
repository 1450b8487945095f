/** The executables of other targets leave a program the same process, too. */

import { describe, expect } from "bun:test";
import { existsSync } from "node:fs";
import type { Target } from "../scripts/targets.ts";
import { fatal, ok, run, scratch, testWith } from "./support/harness.ts";
import { everySituation } from "./support/situations.ts";
import { expectSameState, table, targetSubject, type Subject } from "./support/state.ts";
import { isEmulated, targetCompiler, targetTools } from "./support/targets.ts";

/** Each of these alone would keep our code from running, or show in prog. */
const steering = table(
  ["BUN_OPTIONS=--version", "BUN_BE_BUN=1", "BUN_JSC_useJIT=0", "BUN_FEATURE_FLAG_NO_ORPHANS=1"],
  (variable) => [variable, { arrange: ["variable", variable] }],
);

/** An emulator takes 0.7 s a start, so it gets some of every theme; ALL_CASES=1 is for the patient. */
const representative = new Set([
  ...["SIGCHLD ignored", "SIGPWR blocked", "every signal ignored", "signals pending"],
  ...["a soft limit of 256 open files", "a lower RLIMIT_NOFILE", "a lower RLIMIT_STACK"],
  ...["fds 3 to 10 with holes", "1,000 descriptors", "one of each"],
  ...["closed: fd 1", "closed: fd 0, fd 1, fd 2; others open", "stdout a full disk", "a terminal"],
  ...["arguments that are not UTF-8", "empty arguments", "arguments like options", "1.9 MB of arguments"],
  ...["variables that are not UTF-8", "an empty environment", "malformed variables"],
  ...["another umask", "6 open files at most"],
  ...["a deleted current directory"],
  ...Object.keys(steering),
]);

/** qemu write-protects code that it has translated, and dies if SIGSEGV is blocked when a JIT writes there. */
const impossible = new Set(["SIGSEGV blocked", "every signal blocked", "every signal ignored and blocked"]);

/**
 * What an emulator hides from the reporting program, it says itself: the system calls (-strace) for
 * signals, most of which it handles for its own purposes, and whatever else sealing does away with.
 */
const sealedAway =
  /^\d+ ((?:rt_sigaction|rt_sigprocmask|getcwd|epoll_create1|epoll_ctl|eventfd2|close_range|prlimit64\(\d+,\w+,(?!0,|NULL)).*)/gm;

const gaveUp = fatal("the Bun runtime gave up, as it does for want of memory");

/** Where the runtime gives up; not for arm64, since qemu itself hangs for want of address space. */
const whereItGivesUp: Partial<Record<Target, string>> = { "linux-x64-musl": "ulimit -v 200000" };

describe.each(["linux-x64-musl", "linux-arm64", "linux-arm64-musl"] as const)("%s", (target) => {
  const programs = scratch();
  const directory = scratch(existsSync("/dev/shm") ? "/dev/shm" : undefined);
  const tools = ["cc", targetCompiler(target), ...targetTools(target)];
  let made: Promise<Subject> | undefined;
  const subject = () => (made ??= targetSubject(target, programs));
  // The first one may have to build the executable.
  const withTarget = (more: string[], title: string, body: () => Promise<void>) =>
    testWith([...tools, ...more], title, body, 120_000);

  const themes = [...everySituation(directory), ["variables of the runtime", steering] as const];
  const names = themes.flatMap(([, situations]) => Object.keys(situations));
  for (const wanted of [...representative, ...impossible]) {
    if (!names.includes(wanted)) throw new Error(`no situation is called ${wanted}`);
  }
  const isWanted = (situation: string) =>
    !isEmulated(target) ||
    (process.env["ALL_CASES"] ? !impossible.has(situation) : representative.has(situation));

  describe.each(themes)("%s", (_, situations) => {
    for (const [title, situation] of Object.entries(situations).filter(([title]) => isWanted(title))) {
      withTarget(situation.tools ?? [], title, async () => expectSameState(await subject(), situation));
    }
  });

  if (isEmulated(target)) {
    withTarget([], "asks the kernel for nothing that prog would see", async () => {
      const [emulator = "", ...binder] = (await subject()).binder;
      const { stderr } = await run([emulator, "-strace", ...binder, "127.0.0.1", "0", "/bin/true"]);
      expect(stderr).toContain('execve("/bin/true",');
      const calls = [...stderr.matchAll(sealedAway)].map(([, call]) => call);
      expect(calls).toEqual(["close_range(4294967295,4294967295,4) = 0"]);
    });
  }

  withTarget(["root", "unshare"], "without /proc", async () => {
    const inNamespace = ["unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"];
    const { binder } = await subject();
    const ran = ok("ran\n");
    expect(await run([...inNamespace, ...binder, "127.0.0.1", "0", "/bin/echo", "ran"])).toEqual(ran);
  });
  const hopeless = whereItGivesUp[target];
  if (hopeless) {
    withTarget([], `${hopeless}: one line, exit 111`, async () => {
      const script = `${hopeless}; exec "$@" 127.0.0.1 0 /bin/echo ran`;
      expect(await run(["/bin/sh", "-c", script, "sh", ...(await subject()).binder])).toEqual(gaveUp);
    });
  }
});
