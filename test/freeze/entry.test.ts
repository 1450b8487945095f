/** The entry codes are what their sources assemble to. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { assemble, listingText, sources, type Source } from "../../scripts/freeze/assemble.ts";
import { root, testWith } from "../support/harness.ts";

for (const source of Object.keys(sources) as Source[]) {
  const tools = ["as", "nm", "objdump"].map((tool) => sources[source].tools + tool);
  testWith(tools, `${source}.json (else: npm run generate)`, () => {
    const listing = readFileSync(join(root, "scripts/freeze", `${source}.json`), "utf8");
    expect(listing).toBe(listingText(assemble(source)));
  });
}
