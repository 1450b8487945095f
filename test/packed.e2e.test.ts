/** An executable in which all is packed: what puts missing pages in their place is needed in every line of it. */

import { expect } from "bun:test";
import { join } from "node:path";
import { makeFrozen } from "../scripts/build.ts";
import { caseTools, repeatCases, someCases } from "./support/cases.ts";
import { name, program, scratch, testWith } from "./support/harness.ts";

const probe = program("probe.c");
const directory = scratch();

const wanted = someCases();
const tools = [...new Set(wanted.flatMap(caseTools))];

testWith(
  tools,
  `${wanted.length} runs of the original`,
  async () => {
    const executable = join(directory, name);
    await makeFrozen(executable, "packed");
    expect(await repeatCases(wanted, { launcher: [executable], probe: await probe() })).toEqual([]);
  },
  180_000,
);
