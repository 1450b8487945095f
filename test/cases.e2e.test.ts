/** Every observed run of the original, repeated with our executable. */

import { expect } from "bun:test";
import { cases, repeatCases } from "./support/cases.ts";
import { compile, executable, scratch, testWith } from "./support/harness.ts";

testWith(
  ["cc"],
  `${cases.length} runs of the original`,
  async () => {
    const probe = await compile("probe.c", scratch());
    expect(await repeatCases([executable], probe)).toEqual([]);
  },
  120_000,
);
