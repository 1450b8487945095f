/**
 * Usage: bun scripts/generate.ts
 *
 * Writes what is made from the command definition (the manual page, the
 * completions, the options in README.md and docs/options.md), from the figures of the last
 * bench (its charts), from what the runtime says that it contains (NOTICE), and what package.json says of the
 * project (its version and repository, in the documents that say how it is installed).
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { growthChart, summaryChart, timeChart } from "../bench/chart.ts";
import results from "../bench/results.json";
import { name, version } from "../package.json";
import { withBlocks } from "./docs/blocks.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./docs/completions.ts";
import { manualPage } from "./docs/manual.ts";
import { exitCodeTable, optionOverview, optionReference } from "./docs/markdown.ts";
import { repository } from "./packages/built.ts";
import { notice } from "./packages/notice.ts";
import { image } from "./packages/uploads.ts";
import { recordVersions } from "./versions.ts";

const root = join(import.meta.dir, "..");

/** The generated files, by their paths in the repository, as they should be. */
export function generated(): Record<string, string> {
  return {
    "man/s6-tcpserver-socketbinder.8": manualPage(),
    "completions/s6-tcpserver-socketbinder.bash": bashCompletion(),
    "completions/_s6-tcpserver-socketbinder": zshCompletion(),
    "completions/s6-tcpserver-socketbinder.fish": fishCompletion(),
    "bench/summary.svg": summaryChart(results),
    "bench/time.svg": timeChart(results),
    "bench/growth.svg": growthChart(results),
    "docs/options.md": optionReference(),
    NOTICE: notice(JSON.parse(recordVersions())),
    "docs/install.md": withNames("docs/install.md"),
    "README.md": withBlocks(withNames("README.md"), {
      options: optionOverview(),
      "exit codes": exitCodeTable(),
    }),
  };
}

/** A document, naming the repository, the image and the version that are to be had. */
function withNames(path: string): string {
  return readFileSync(join(root, path), "utf8")
    .replaceAll(/--repo \S+/g, `--repo ${repository}`)
    .replaceAll(/ghcr\.io\/[^:\s]+/g, image)
    .replaceAll(new RegExp(`(?<=${image}:|${name}_)\\d[^@_]*`, "g"), version);
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(generated())) writeFileSync(join(root, path), text);
}
