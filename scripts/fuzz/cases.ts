/** Random runs: command lines, environments, descriptors, system calls that fail. */

import fc, { type Arbitrary } from "fast-check";
import type { Failure } from "../freeze/machine.ts";
import { errorsOf, failing, type CallName } from "../training/errors.ts";
import { commandLine, long } from "./command-lines.ts";

/** A run of the executable. Texts have a byte a character. */
export interface Case {
  /** SELF stands for the executable. */
  readonly args: readonly string[];
  readonly environment: readonly string[];
  /** LISTEN_PID: that of the process, another text, or not set. */
  readonly listenPid: "ours" | string | undefined;
  /** Those of 0, 1 and 2 that are closed, and others that are open. */
  readonly closed: readonly number[];
  readonly open: readonly number[];
  /** What is at the path "report". */
  readonly report: "nothing" | "file" | "directory" | "link" | "link to nowhere";
  readonly failures: readonly Failure[];
  /** Whether it is to be the same without freezing, which takes much longer. */
  readonly compared: boolean;
}

const text = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 12 })
  .map((codes) => String.fromCharCode(...codes));

const variable = fc.oneof(
  fc.constantFrom("PATH=", "PATH=:/nowhere:/usr/bin", "PATH=/etc:/usr/bin", "HOME=/", "LD_PRELOAD=x"),
  fc.constantFrom("LISTEN_FDS=1", "LISTEN_FDS=2", "LISTEN_FDS=x", "LISTEN_FDS=", "LISTEN_FDNAMES=a"),
  fc.constantFrom("LISTEN_FDNAMES=a:b", "LISTEN_PIDFDID=7", "LISTEN=1"),
  fc.constantFrom("NOTIFY_SOCKET=/nowhere", "NOTIFY_SOCKET=@nobody", "NOTIFY_SOCKET=x", "NOTIFY_SOCKET="),
  fc.constantFrom("BUN_OPTIONS=--help", "NODE_OPTIONS=-x", "MALLOC_ARENA_MAX=1"),
  fc
    .tuple(fc.constantFrom("PATH", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "A"), long)
    .map(([name, value]) => `${name}=/${value}`),
  fc.tuple(fc.constantFrom("A", "B", "\xff"), text).map(([name, value]) => `${name}=${value}`),
);

const calls = Object.keys(errorsOf) as CallName[];

const failure = fc
  .constantFrom(...calls)
  .chain((call) =>
    fc
      .tuple(fc.constantFrom(...errorsOf[call].split(" ")), fc.nat(3))
      .map(([error, after]) => failing(call, error, after)),
  );

/** The usual, and once in `weight` + 1 times another. */
const mostly = <T>(usual: T, weight: number, other: Arbitrary<T>): Arbitrary<T> =>
  fc.oneof({ withCrossShrink: true }, { arbitrary: fc.constant(usual), weight }, other);

export const cases: Arbitrary<Case> = fc.record({
  args: commandLine,
  environment: fc.array(variable, { maxLength: 6 }).map((variables) => ["PATH=/usr/bin:/bin", ...variables]),
  listenPid: mostly<string | undefined>(undefined, 3, fc.constantFrom("ours", "1", "")),
  closed: mostly<number[]>([], 8, fc.subarray([0, 1, 2])),
  open: mostly<number[]>([], 3, fc.subarray([3, 4, 5, 6])),
  report: fc.constantFrom("nothing", "file", "directory", "link", "link to nowhere"),
  failures: mostly<Failure[]>(
    [],
    4,
    fc.array(failure, { minLength: 1, maxLength: 3 }).map((failures) => failures.flat()),
  ),
  compared: mostly(false, 20, fc.constant(true)),
});
