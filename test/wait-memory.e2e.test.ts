/** The longest --wait takes no more memory than a short one: nothing frees any. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { executable, program, spawn, testWith, until } from "./support/harness.ts";

const refuse = program("refuse.c");

/** Linux: bits/time.h */
const CLOCK_REALTIME = 0;

/** Clock ticks of CPU time that a process has used: proc_pid_stat(5), utime and stime. */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** The most memory that a process ever had, in kB: proc_pid_status(5). */
const peak = (pid: number) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

testWith(
  ["cc"],
  "it takes none from one attempt to the next",
  async () => {
    const busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    // No pause takes any time: in a second of CPU time there are as many attempts as in an hour, some 50,000.
    const withoutPauses = [await refuse(), "clock_nanosleep", "0", String(CLOCK_REALTIME), "0"];
    const command = [executable, "--wait=1000", "127.0.0.1", String(busy.port), "true"];
    await using waiting = spawn([...withoutPauses, ...command], ["ignore", "ignore", "inherit"]);
    const { pid } = waiting;
    const used = (ticks: number) =>
      until(`${ticks} ticks of CPU time`, () => (cpuTime(pid) >= ticks ? true : undefined), 60);
    await used(10);
    const early = peak(pid);
    await used(110);
    expect([peak(pid), waiting.exitCode]).toEqual([early, null]);
    busy.stop(true);
  },
  90_000,
);
