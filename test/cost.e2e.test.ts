/** What a run costs, in pages: each takes time, most of all one that is written. `npm run cost` says more. */

import { expect, test } from "bun:test";
import { costOf, rehearse, type Cost } from "../scripts/cost.ts";
import { usual } from "../scripts/training/lines.ts";

/** The most pages of each kind, by the options of a usual run: what there are, and some more. */
const limits: Record<string, Cost> = {
  "": { code: 55, constants: 12, read: 95, written: 12 },
  "-D -b 5 --keep-alive --report-fd=2": { code: 95, constants: 20, read: 160, written: 42 },
};

// Where the code of the runtime lies, and how large a page is, depends on the architecture.
test.skipIf(process.arch !== "x64")("a usual run touches few pages", async () => {
  using session = await rehearse(usual);
  for (const [options, most] of Object.entries(limits)) {
    const operands = "127.0.0.1 0 /prog a";
    const rehearsal = usual.find(({ args }) => args.slice(1).join(" ") === `${options} ${operands}`.trim())!;
    const cost = costOf((await session.touchedBy(rehearsal)).beforeExec, session.pages);
    const excess = Object.entries(most).filter(([kind, limit]) => cost[kind as keyof Cost] > limit);
    expect([options, cost, excess]).toEqual([options, cost, []]);
  }
});
