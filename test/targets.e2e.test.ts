/** The executable of every target, through the observed runs of the original. */

import { expect } from "bun:test";
import { availableParallelism } from "node:os";
import { targetNames } from "../scripts/targets.ts";
import { cases, oneOfEach, repeatCases } from "./support/cases.ts";
import { compile, run, scratch, testWith } from "./support/harness.ts";
import {
  isEmulated,
  targetEmulator,
  targetErrorText,
  targetExecutable,
  targetLauncher,
  targetTools,
} from "./support/targets.ts";

const directory = scratch();

for (const target of targetNames) {
  // An emulator takes minutes for all of them, so it gets one of every kind; ALL_CASES=1 is for the patient.
  const wanted = isEmulated(target) && !process.env["ALL_CASES"] ? oneOfEach() : cases;
  testWith(
    ["cc", ...targetTools(target)],
    `${target}: ${wanted.length} runs of the original`,
    async () => {
      // prog is this machine's own: execve() of an emulated program is the kernel's.
      const probe = await compile("probe.c", directory);
      const launcher = await targetLauncher(target, directory);
      const errorText = await targetErrorText(target, directory);
      const atOnce = availableParallelism();
      expect(await repeatCases(wanted, { launcher, probe, errorText }, atOnce)).toEqual([]);
    },
    900_000,
  );
}

testWith(targetTools("linux-arm64"), "linux-arm64: with tags in malloc()'s addresses", async () => {
  const command = [...targetEmulator("linux-arm64"), await targetExecutable("linux-arm64")];
  // The emulator has the Memory Tagging Extension, if it is told; on a machine without it nothing is tagged.
  const env = { PATH: "/nonexistent:/bin", QEMU_CPU: "max", GLIBC_TUNABLES: "glibc.mem.tagging=3" };
  const result = await run([...command, "--report-fd=2", "127.0.0.1", "0", "echo", "works"], { env });
  expect(result).toEqual({
    exit: 0,
    stdout: "works\n",
    stderr: expect.stringMatching(/^127\.0\.0\.1 \d+\n$/),
  });
});
