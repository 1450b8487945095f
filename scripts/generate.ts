/**
 * Usage: bun scripts/generate.ts
 *
 * Writes what is made from the command definition (the manual page, the
 * completions, the table of options in README.md) and from the figures of the
 * last bench (its charts).
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { growthChart, timeChart } from "../bench/chart.ts";
import results from "../bench/results.json";
import { bashCompletion, fishCompletion, zshCompletion } from "./completions.ts";
import { manualPage } from "./manual.ts";
import { optionTable } from "./option-table.ts";

const root = join(import.meta.dir, "..");

/** The generated files, by their paths in the repository, as they should be. */
export function generated(): Record<string, string> {
  return {
    "man/s6-tcpserver-socketbinder.8": manualPage(),
    "completions/s6-tcpserver-socketbinder.bash": bashCompletion(),
    "completions/_s6-tcpserver-socketbinder": zshCompletion(),
    "completions/s6-tcpserver-socketbinder.fish": fishCompletion(),
    "bench/time.svg": timeChart(results),
    "bench/growth.svg": growthChart(results),
    "README.md": replaceTable(readFileSync(join(root, "README.md"), "utf8")),
  };
}

function replaceTable(readme: string): string {
  const table = /(?<=<!-- options -->\n).*(?=<!-- end of options -->)/s;
  if (!table.test(readme)) throw new Error("README.md has no place for the table of options");
  return readme.replace(table, () => `\n${optionTable()}\n`);
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(root, path), text);
}
