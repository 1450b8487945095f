/** Emulated machines in tests: each is started when a test first asks for it, and ends with the test file. */

import { afterAll, expect } from "bun:test";
import { join } from "node:path";
import type { Architecture } from "../../scripts/machine/workshop.ts";
import { fileAt } from "../../scripts/machine/cpio.ts";
import { emulators } from "../../scripts/machine/emulator.ts";
import { architectureOf, Machine, type MachineKind } from "../../scripts/machine/machine.ts";
import type { Place } from "./cases.ts";
import { compile, name, ok, root } from "./harness.ts";

/** Whether what is made for this machine runs in that one. */
export const isOurs = (kind: MachineKind) => architectureOf(kind) === process.arch;

/** What a machine needs, for `testWith`. */
export function machineTools(kind: MachineKind): string[] {
  return [emulators[architectureOf(kind)].program, "setpriv", "apt-get", "dpkg-deb"];
}

/** @returns how to come by the machine, which is one for the test file. */
export function machine(kind: MachineKind): () => Promise<Machine> {
  let started: Promise<Machine> | undefined;
  afterAll(async () => {
    // If it did not start, tests have said so.
    const machine = await started?.catch(() => undefined);
    await machine?.[Symbol.asyncDispose]();
  });
  return () => (started ??= Machine.start(kind));
}

/** The architecture that is not this machine's. */
export const foreign: Architecture = process.arch === "x64" ? "arm64" : "x64";

/** Ours for that, which `npm run build:all` has made. */
export const foreignExecutable = join(root, "dist", `linux-${foreign}`, name);

/** A compiler for the machine. */
export function compilerFor(kind: MachineKind): string {
  if (isOurs(kind)) return "cc";
  return architectureOf(kind) === "arm64" ? "aarch64-linux-gnu-gcc" : "x86_64-linux-gnu-gcc";
}

/** In the machine: our executable, and programs of test/fixtures/. */
export const inMachine = { launcher: ["/bin/binder"], probe: "/bin/probe" };
export const stateInMachine = {
  binder: inMachine.launcher,
  reporter: ["/bin/report"],
  arrange: "/bin/arrange",
};

export interface Furnished extends Place {
  machine: Machine;
}

/** Put both into a machine that has just started. @returns where cases can be repeated. */
export async function furnish(
  machine: Machine,
  directory: string,
  cc: string,
  binder: string,
): Promise<Furnished> {
  const fixture = (source: string) => compile(source, directory, [cc, "-static"]);
  const files = {
    "bin/binder": binder,
    "bin/probe": await fixture("probe.c"),
    "bin/report": await fixture("report.c"),
    "bin/arrange": await fixture("arrange.c"),
    // A file that is not executable is in some cases.
    "etc/passwd": "/etc/passwd",
  };
  await machine.put(new Map(Object.entries(files).map(([path, file]) => [path, fileAt(file)])));
  const busyPort = await listen(machine);
  const somaxconn = Number((await machine.run(["cat", "/proc/sys/net/core/somaxconn"])).stdout);
  let port = busyPort;
  // Nobody else is there.
  return {
    machine,
    runAll: (commands) => machine.runAll(commands),
    freePort: () => ++port,
    busyPort,
    somaxconn: () => somaxconn,
  };
}

/** Have somebody listen in the machine. @returns to which port. */
async function listen(machine: Machine): Promise<number> {
  const port = 2000;
  // It goes into the background when it listens.
  expect(await machine.run(["httpd", "-p", `127.0.0.1:${port}`])).toEqual(ok());
  return port;
}
