/**
 * Usage: bun scripts/cost.ts [TEXT]
 *
 * Says how many pages each rehearsal touches whose command line has TEXT in it, up to its last execve(): code,
 * constants, state that is read, and state that is written; and of these, how many a run without options does not
 * touch.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "./compile.ts";
import type { Pages } from "./freeze/pages.ts";
import { Session, type Rehearsal } from "./freeze/session.ts";
import type { Footprint } from "./freeze/trace.ts";
import { runtime } from "./runtime.ts";
import { POINT_OF_RETURN, rehearsals } from "./training.ts";

/** How many pages there are of each kind. A page that is written costs most: it is mapped, and then copied. */
export interface Cost {
  readonly code: number;
  readonly constants: number;
  readonly read: number;
  readonly written: number;
}

export function costOf({ pages: touched, written }: Footprint, pages: Pages): Cost {
  const all = [...touched];
  const state = all.filter((page) => pages.isWritable(page)).length;
  const code = all.filter((page) => pages.isCode(page)).length;
  return {
    code,
    constants: all.length - code - state,
    read: state - written.size,
    written: written.size,
  };
}

/** Start the program as the build does, and let it rehearse. */
export async function rehearse(rehearsals: readonly Rehearsal[]): Promise<Session> {
  const directory = mkdtempSync(join(tmpdir(), "cost-"));
  try {
    const program = join(directory, "program");
    await compile(join(import.meta.dir, "../src/main.ts"), program);
    return await Session.start({
      program,
      ...runtime,
      pointOfReturn: POINT_OF_RETURN,
      rehearsals,
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

if (import.meta.main) {
  const wanted = process.argv[2] ?? "";
  using session = await rehearse(rehearsals);
  const plain = (await session.touchedBy(rehearsals.at(-1)!)).beforeExec.pages;
  console.log("  code  constants  read  written  more");
  for (const rehearsal of rehearsals) {
    const line = rehearsal.args.slice(1).join(" ");
    if (!line.includes(wanted)) continue;
    const { beforeExec: touched } = await session.touchedBy(rehearsal);
    const more = [...touched.pages].filter((page) => !plain.has(page)).length;
    const columns = [...Object.values(costOf(touched, session.pages)), more];
    const widths = [6, 11, 6, 9, 6];
    console.log(
      columns.map((value, i) => String(value).padStart(widths[i]!)).join("") + `  ${line.slice(0, 60)}`,
    );
  }
}
