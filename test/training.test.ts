/** That the table of rehearsals is complete, by the sources. */

import { describe, expect, test } from "bun:test";
import { letters, options } from "../src/command.ts";
import { libc } from "../src/libc.ts";
import { rehearse } from "../scripts/cost.ts";
import type { Rehearsal } from "../scripts/freeze/session.ts";
import { rehearsals } from "../scripts/training.ts";
import { errorsOf, failing, type CallName } from "../scripts/training/errors.ts";
import { gapsOf } from "./support/coverage.ts";

/** What no rehearsal can execute, by its place; and why. */
const exceptions: readonly (readonly [file: string, line: string, reason: string])[] = [
  ["src/build.ts", "export const build: Build = isCompiled ?", "from source only"],
  ["src/entry.ts", "const ours = isCompiled ?", "from source only"],
  ["src/entry.ts", "function withoutRuntime(", "from source only"],
  ["src/entry.ts", "for (let index = 1; index < argc; index++) {", "from source only"],
  ["src/entry.ts", "const script =", "from source only"],
  [
    "src/entry.ts",
    'if (readCString(read.ptr(script, 0) as Pointer).endsWith("main.ts")) {',
    "from source only",
  ],
  ["src/entry.ts", "return new Start(argc - index, script, envp, false);", "from source only"],
  ["src/entry.ts", "return new Start(argc, argv, envp, false);", "from source only"],
  ["src/entry.ts", "if (address < 0) return ours;", "neither rehearsed nor frozen"],
  [
    "src/descriptors.ts",
    "return flags === -1 ?",
    "the runtime opens /dev/null when it starts, which it does not",
  ],
  ["src/version.ts", "const libcVersion = isGlibc ?", "from source with musl only"],
  ["src/main.ts", "if (!start.isRehearsal) libc._exit(status);", "it would be the end of the rehearsals"],
  ["src/main.ts", "const fatal = error instanceof Fatal ?", "a defect, or the runtime's own want of memory"],
  [
    "src/help.ts",
    '.map(([name, { alias, type, valueHint, description = "" }]) => ({',
    "citty's type allows none",
  ],
];

test("100 % of the statements, functions and branches of src/ are rehearsed", async () => {
  const gaps = await gapsOf(rehearsals);
  const unexpected = gaps.filter(
    ({ file, text }) => !exceptions.some(([path, line]) => file === path && text.startsWith(line)),
  );
  expect(unexpected.map(({ file, line, what, text }) => `${file}:${line}: ${what}: ${text}`)).toEqual([]);
  // An exception that is none any more goes.
  for (const [path, line] of exceptions) {
    expect(gaps, line).toContainEqual(
      expect.objectContaining({ file: path, text: expect.stringContaining(line) }),
    );
  }
}, 60_000);

describe("every option is rehearsed", () => {
  const words = new Set(rehearsals.flatMap(({ args }) => args.slice(1)));
  const clusters = [...words].filter((word) => /^-[^-]/.test(word)).join("");
  test.each([...options.keys()])("--%s", (name) => {
    expect([...words].some((word) => word === `--${name}` || word.startsWith(`--${name}=`))).toBe(true);
  });
  test.each([...letters.keys()])("-%s", (letter) => expect(clusters).toContain(letter));
});

/** Functions of libc that make no system call, or none that can fail. */
const infallible = new Set(
  "__errno_location dlsym syscall _exit strlen strncmp strchr strcspn memcpy getenv strerror confstr inet_pton inet_ntop getpid".split(
    " ",
  ),
);

/** Those that make others. */
const makes: Readonly<Record<string, readonly CallName[]>> = {
  if_nametoindex: ["socket", "ioctl", "close"],
  realpath: ["readlink"],
  signal: ["sigaction"],
};

describe("every system call is rehearsed with every error", () => {
  const failed = new Set(
    rehearsals.flatMap(({ failures = [] }) => failures.map((failure) => String(failure))),
  );
  const functions = Object.keys(libc).filter((name) => !infallible.has(name));
  test.each(functions)("%s", (name) => {
    for (const call of makes[name] ?? [name as CallName]) {
      expect(errorsOf[call], `${call} is not in scripts/training/errors.ts`).toBeString();
      const errors = errorsOf[call].split(" ");
      expect(errors.filter((error) => !failed.has(String(failing(call, error).at(-1))))).toEqual([]);
    }
  });
});

test("a run that needs the parser ends the build: something in it is cold", async () => {
  const isHelp = ({ args }: Rehearsal) => args.length === 2 && args[1] === "--help";
  const help = rehearsals.find(isHelp)!;
  using session = await rehearse(rehearsals.filter((rehearsal) => rehearsal.common));
  await session.touchedBy(rehearsals.at(-1)!);
  expect(session.touchedBy(help)).rejects.toThrow(
    /^rehearsing \S+ --help: something in it is cold: Parsed #/,
  );
}, 60_000);
