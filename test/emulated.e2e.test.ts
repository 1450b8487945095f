/** The executable on the oldest CPU that it supports, and on others: emulated ones, which have what the real ones have. */

import { describe, expect } from "bun:test";
import { oneOfEach, repeatCases } from "./support/cases.ts";
import { executable, fatal, ok, program, run, testWith } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

const emulators = {
  x64: {
    program: "qemu-x86_64-static",
    // The second one has AVX2; without what the emulator would warn that it cannot do.
    cpus: ["Nehalem", "Haswell,-pcid,-x2apic,-tsc-deadline,-hle,-invpcid,-rtm", "max"],
  },
  arm64: { program: "qemu-aarch64-static", cpus: ["cortex-a53", "max"] },
};
const emulator = emulators[process.arch as keyof typeof emulators];

// execve() of an emulated program is the kernel's: prog is not emulated.
const probe = program("probe.c");

const wanted = oneOfEach();

describe.each(emulator.cpus)("%s", (cpu) => {
  const launcher = [Bun.which(emulator.program) ?? emulator.program, "-cpu", cpu, executable];
  const tools = [emulator.program, "cc"];

  testWith(
    tools,
    `${wanted.length} runs of the original`,
    async () => {
      expect(await repeatCases(wanted, { launcher, probe: await probe() })).toEqual([]);
    },
    120_000,
  );

  testWith(tools, "long options, --help, a message with the number of an error", async () => {
    const options = ["-D", "-b", "5", "--keep-alive", "--report-fd=2", "--tos=32", "--reuse-port"];
    const result = await run([...launcher, ...options, "127.0.0.1", "0", "/bin/echo", "ran"]);
    expect(result).toEqual({
      ...ok("ran\n"),
      stderr: expect.stringMatching(/^127\.0\.0\.1 \d+\n$/),
    });
    expect(await run([...launcher, "--help"])).toEqual(await run([executable, "--help"]));
    const port = String(freePort());
    expect(await run([...launcher, "192.0.2.1", port, "true"])).toEqual(
      fatal(`unable to bind to 192.0.2.1 port ${port} : Cannot assign requested address`),
    );
  });
});
