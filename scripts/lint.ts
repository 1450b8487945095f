/**
 * Usage: bun scripts/lint.ts
 *
 * The part of the gate that is not TypeScript: mandoc reads the manual page,
 * shellcheck the shell scripts and the completion for bash.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { name } from "../package.json";

const root = join(import.meta.dir, "..");

const scripts = [
  ...new Bun.Glob("{.ci,examples,scripts/machine/{guest,kernel-64k}}/**").scanSync({ cwd: root, dot: true }),
]
  .filter((path) => readFileSync(join(root, path), "latin1").startsWith("#!/bin/sh\n"))
  .sort();

/** Each tool, what it is told to read, and what it says that is a matter of the machine. */
const checks = [
  {
    command: ["mandoc", "-T", "lint", "-W", "style", `man/${name}.8`],
    // Other manual pages may not be installed.
    ignored: /mandoc\.db|referenced manual not found/,
  },
  { command: ["shellcheck", ...scripts, `completions/${name}.bash`], ignored: /^$/ },
] as const;

for (const { command, ignored } of checks) {
  const [tool] = command;
  if (!Bun.which(tool)) {
    console.error(`${tool} is missing. On Debian: apt-get install ${tool}`);
    process.exitCode = 1;
    continue;
  }
  const { stdout, stderr } = Bun.spawnSync([...command], { cwd: root });
  const complaints = `${stdout}${stderr}`.split("\n").filter((line) => line && !ignored.test(line));
  for (const line of complaints) console.error(line);
  if (complaints.length > 0) process.exitCode = 1;
}
