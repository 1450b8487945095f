/** A release, with an executable for the other architecture, on which the other tests of it rely. */

import { expect } from "bun:test";
import { join } from "node:path";
import { hosts } from "../../scripts/machine/workshop.ts";
import { name, ok, root, run, testWith } from "../support/harness.ts";
import { foreign, machineTools } from "../support/machines.ts";

testWith(
  ["sha256sum", ...machineTools(hosts[foreign].kind)],
  "npm run build:all",
  async () => {
    const { exit, stderr } = await run([process.execPath, join(root, "scripts/build.ts"), "--all"]);
    expect([exit, stderr]).toEqual([
      0,
      `build: linux-${foreign} is built in an emulated machine, which takes minutes\n`,
    ]);
    const dist = join(root, "dist");
    const files = ["x64", "arm64"].map((architecture) => `linux-${architecture}/${name}: OK\n`);
    expect(await run(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist })).toEqual(ok(files.join("")));
  },
  900_000,
);
