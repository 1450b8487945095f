/** The files that scripts/generate.ts writes. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "../scripts/generate.ts";
import { documented } from "../scripts/docs/template.ts";
import { name, root, run, testWith } from "./support/harness.ts";

for (const [path, text] of Object.entries(generated())) {
  test(`${path} is up to date (else: bun scripts/generate.ts)`, () => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text);
  });
}

const page = join(root, "man", `${name}.8`);

for (const [formatter, command] of [
  ["mandoc", ["mandoc", "-T", "utf8", page]],
  ["man", ["man", "--warnings", "-E", "UTF-8", "-l", page]],
] as const)
  testWith([formatter], `the manual page as ${formatter} shows it`, async () => {
    const { exit, stdout, stderr } = await run([...command], { env: { ...process.env, MANWIDTH: "80" } });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const text = stdout.replaceAll(/.\x08|\x1b\[[\d;]*m/g, "");
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const items = text.split("\n").filter((line) => /^ {5}-\S+( \w)?(, \S+)?(  .*)?$/.test(line));
    for (const { name, letter, value } of documented) {
      const long = `--${name}${value ? `=${value}` : ""}`;
      const short = letter ? `-${letter}${value ? ` ${value}` : ""}, ` : "";
      expect(items.map((line) => line.trim().split("  ")[0])).toContain(short + long);
    }
    expect(items).toHaveLength(documented.length);
  });
