/** An executable in which all is packed: what puts missing pages in their place is needed in every line of it. */

import { expect } from "bun:test";
import { join } from "node:path";
import { makeFrozen } from "../../scripts/build.ts";
import { cases, caseTools, repeatCases } from "../support/cases.ts";
import { name, program, scratch, testWith } from "../support/harness.ts";

const probe = program("probe.c");
const directory = scratch();

const tools = [...new Set(cases.flatMap(caseTools))];

testWith(
  tools,
  `${cases.length} runs of the original`,
  async () => {
    const executable = join(directory, name);
    await makeFrozen(executable, "packed");
    expect(await repeatCases(cases, { launcher: [executable], probe: await probe() })).toEqual([]);
  },
  180_000,
);
