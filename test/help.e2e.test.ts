/** `--help` shows what the definition says. */

import { expect, test } from "bun:test";
import { renderUsage } from "citty";
import { command, groups, options } from "../src/command.ts";
import { bind } from "./support/harness.ts";

const { stdout } = await bind(["--help"]);

test("it fits into 80 columns", () => {
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("it begins with the operands as the manual page writes them, and ends with the exit codes", () => {
  const headings = [...stdout.matchAll(/^\S.*:$/gm)].map(([heading]) => heading);
  expect(stdout).toStartWith("Usage: s6-tcpserver-socketbinder [options] ip port prog...\n");
  expect(headings).toEqual(["Operands", ...groups, "Exit codes"].map((heading) => `${heading}:`));
});

test("every option is in its group, once", () => {
  const shown = stdout.split(/^(?=\S)/m).flatMap((section) => {
    const group = section.slice(0, section.indexOf(":"));
    const terms = [...section.matchAll(/^  (?:-(\w), )?--([\w-]+)(=)?/gm)];
    return terms.map((term) => ({ group, letter: term[1], name: term[2], valued: term[3] === "=" }));
  });
  const defined = groups.flatMap((group) =>
    [...options]
      .filter(([, option]) => option.group === group)
      .map(([name, { alias, type }]) => ({ group, letter: alias, name, valued: type === "string" })),
  );
  expect<unknown>(shown).toEqual(defined);
  expect(shown).toHaveLength(options.size);
});

test("citty understands the definition, too", async () => {
  const usage = await renderUsage(command);
  for (const name of options.keys()) expect(usage).toContain(`--${name}`);
});
