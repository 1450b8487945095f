/** The files that scripts/generate.ts writes, and the README's examples. */

import { expect, test } from "bun:test";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { generated } from "../scripts/generate.ts";
import { documented } from "../scripts/docs/template.ts";
import { executable, name, root, run, scratch, testWith } from "./support/harness.ts";

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

testWith(["node", "curl"], "the README's example of a port of one's own", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const example = /<!-- example: report-file -->\s+```sh\n(.*?)```/s.exec(readme)?.[1];
  if (example === undefined) throw new Error("README.md has no such example");
  const directory = scratch();
  const { exit, stdout, stderr } = await run(["sh", "-eu", "-c", example], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${dirname(executable)}:${process.env["PATH"]}`,
      TMPDIR: directory,
      no_proxy: "*",
    },
  });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\nGET \/hello, on a socket/);
  expect(readdirSync(directory)).toEqual([]);
});
