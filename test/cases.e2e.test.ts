/** Every observed run of the original, repeated with our executable. */

import { expect } from "bun:test";
import { cases, repeatCases } from "./cases.ts";
import { compile, executable, scratch, testWith } from "./harness.ts";

testWith(
  ["cc"],
  `${cases.length} runs of the original`,
  async () => {
    const probe = await compile("probe.c", scratch());
    expect(await repeatCases([executable], probe)).toEqual([]);
  },
  120_000,
);
