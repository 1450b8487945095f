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
import { Session } from "./freeze/session.ts";
import { runtimeEnvironment } from "./runtime.ts";
import { POINT_OF_RETURN, rehearsals } from "./training.ts";

const wanted = process.argv[2] ?? "";
const directory = mkdtempSync(join(tmpdir(), "cost-"));
try {
  const program = join(directory, "program");
  await compile(join(import.meta.dir, "../src/main.ts"), program);
  using session = await Session.start({
    program,
    environment: runtimeEnvironment,
    pointOfReturn: POINT_OF_RETURN,
    rehearsals,
  });
  const { pages } = session;
  const plain = (await session.touchedBy(rehearsals.at(-1)!)).beforeExec.pages;
  console.log("  code  constants  read  written  more");
  for (const rehearsal of rehearsals) {
    const line = rehearsal.args.slice(1).join(" ");
    if (!line.includes(wanted)) continue;
    const { beforeExec: touched } = await session.touchedBy(rehearsal);
    const all = [...touched.pages];
    const state = all.filter((page) => pages.isWritable(page)).length;
    const code = all.filter((page) => pages.isCode(page)).length;
    const { size: written } = touched.written;
    const more = all.filter((page) => !plain.has(page)).length;
    const columns = [code, all.length - code - state, state - written, written, more];
    const widths = [6, 11, 6, 9, 6];
    console.log(
      columns.map((value, i) => String(value).padStart(widths[i]!)).join("") + `  ${line.slice(0, 60)}`,
    );
  }
} finally {
  rmSync(directory, { recursive: true });
}
