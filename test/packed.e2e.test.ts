/** An executable in which all is packed: what puts missing pages in their place is needed in every line of it. */

import { expect } from "bun:test";
import { join } from "node:path";
import { makeFrozen } from "../scripts/build.ts";
import { cases, caseTools, commandLine, repeatCase } from "./support/cases.ts";
import { name, program, scratch, testWith } from "./support/harness.ts";

const probe = program("probe.c");
const directory = scratch();

const tools = [...new Set(cases.flatMap(caseTools))];

testWith(
  tools,
  "all runs of the original",
  async () => {
    const executable = join(directory, name);
    await makeFrozen(executable, "packed");
    const subject = { launcher: [executable], probe: await probe() };
    const different: string[] = [];
    for (const observation of cases) {
      if ((await repeatCase(observation, subject)) !== undefined) different.push(commandLine(observation));
    }
    expect(different).toEqual([]);
  },
  180_000,
);
