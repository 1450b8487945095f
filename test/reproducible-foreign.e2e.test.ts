/** The build in an emulated machine: on another CPU the bytes are the same. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../scripts/freeze/compare.ts";
import { Workshop } from "../scripts/machine/workshop.ts";
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
      await using workshop = await Workshop.start(foreign, { scratch: scratch(), kind });
      await workshop.run("scripts/build.ts", "--target", target);
      const file = join(target, name);
      const made = await workshop.dist();
      const [first, second] = [readFileSync(join(root, "dist", file)), made.get(file)!.content];
      expect(differences(first, second)).toEqual([]);
      expect(second.equals(first)).toBe(true);
      // Random runs of it, some of which are compared with the program that is not frozen.
      const said = await workshop.run(
        "scripts/fuzz.ts",
        "--runs=100",
        "--jobs=1",
        `--executable=dist/${file}`,
      );
      console.log(said.trimEnd());
      expect(said).toEndWith(" s\n");
    },
    900_000,
  );
}
