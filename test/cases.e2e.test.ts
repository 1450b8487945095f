/** Every observed run of the original, repeated with our executable. */

import { expect, test } from "bun:test";
import { cases, caseTools, commandLine, repeatCases } from "./support/cases.ts";
import { executable, program, testWith } from "./support/harness.ts";

const probe = program("probe.c");

test("each has a command line of its own", () => {
  expect(new Set(cases.map(commandLine)).size).toBe(cases.length);
});

for (const observation of cases) {
  testWith(caseTools(observation), commandLine(observation), async () => {
    expect(await repeatCases([observation], { launcher: [executable], probe: await probe() })).toEqual([]);
  });
}
