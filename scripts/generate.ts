/**
 * Usage: bun scripts/generate.ts
 *
 * Writes what is made from the command definition (the manual page, the
 * completions, the options in README.md) and from the figures of the last
 * bench (its charts).
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { growthChart, timeChart } from "../bench/chart.ts";
import results from "../bench/results.json";
import { help } from "../src/help.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./docs/completions.ts";
import { manualPage } from "./docs/manual.ts";

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
    "README.md": withBlock(readFileSync(join(root, "README.md"), "utf8"), "help", `\`\`\`\n${help}\n\`\`\``),
  };
}

/** A Markdown text whose part between the comments `<!-- name -->` and `<!-- end of name -->` is `block`. */
function withBlock(markdown: string, name: string, block: string): string {
  const part = new RegExp(`(?<=<!-- ${name} -->\n).*(?=<!-- end of ${name} -->)`, "s");
  if (!part.test(markdown)) throw new Error(`README.md has no place for ${name}`);
  return markdown.replace(part, () => `\n${block}\n\n`);
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(root, path), text);
}
