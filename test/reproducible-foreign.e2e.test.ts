/** The build in an emulated machine: on another CPU the bytes are the same. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../scripts/freeze/compare.ts";
import { buildInMachine } from "../scripts/machine/build.ts";
import { isThorough, name, root, scratch, testWith } from "./support/harness.ts";
import { foreign, machineTools } from "./support/machines.ts";

/** Another than builds take, with other features. */
const kinds = { arm64: "arm64 neoverse-n1", x64: "x64 Linux 6.12" } as const;
const kind = kinds[foreign];
const target = `linux-${foreign}`;

if (isThorough) {
  testWith(
    machineTools(kind),
    kind,
    async () => {
      const made = await buildInMachine(foreign, ["--target", target], { scratch: scratch(), kind });
      const file = join(target, name);
      const [first, second] = [readFileSync(join(root, "dist", file)), made.get(file)!.content];
      expect(differences(first, second)).toEqual([]);
      expect(second.equals(first)).toBe(true);
    },
    900_000,
  );
}
