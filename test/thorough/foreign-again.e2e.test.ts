/** The other architecture, on another CPU than the one that `npm run build:all` builds on. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../../scripts/freeze/compare.ts";
import { Workshop } from "../../scripts/machine/workshop.ts";
import { isExhaustive, name, root, scratch, testIf } from "../support/harness.ts";
import { foreign, machineTools } from "../support/machines.ts";

const kinds = { arm64: "arm64 neoverse-n1", x64: "x64 Linux 6.12" } as const;
const kind = kinds[foreign];
const target = `linux-${foreign}`;
const file = join(target, name);

testIf(isExhaustive)(
  machineTools(kind),
  `${kind}: the same bytes, and random runs of them`,
  async () => {
    await using workshop = await Workshop.start(foreign, { scratch: scratch(), kind });
    await workshop.run("scripts/build.ts", "--target", target);
    const again = (await workshop.dist()).get(file)!.content;
    const first = readFileSync(join(root, "dist", file));
    expect(differences(first, again)).toEqual([]);
    expect(again.equals(first)).toBe(true);

    const runs = ["--runs=100", "--jobs=1", `--executable=dist/${file}`];
    const said = await workshop.run("scripts/fuzz.ts", ...runs);
    console.log(said.trimEnd());
    expect(said).toContain("\nfuzz: all is well after ");
  },
  900_000,
);
