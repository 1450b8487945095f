/**
 * Usage: bun scripts/install.ts [--prefix PREFIX] [--destdir DIR] [--remove]
 *
 * Puts the executable of dist/, the manual page and the completions below
 * PREFIX (default: /usr/local), which is itself below DIR if that is given;
 * --remove removes them. A file is replaced in one step, even while it is used.
 */

import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { name } from "../package.json";

const root = join(import.meta.dir, "..");

/** What is installed: each file's place in the repository, and below the prefix. */
export const installed = [
  { from: `dist/${name}`, to: `bin/${name}`, mode: 0o755 },
  { from: `man/${name}.8`, to: `share/man/man8/${name}.8`, mode: 0o644 },
  {
    from: `completions/${name}.bash`,
    to: `share/bash-completion/completions/${name}`,
    mode: 0o644,
  },
  { from: `completions/_${name}`, to: `share/zsh/site-functions/_${name}`, mode: 0o644 },
  {
    from: `completions/${name}.fish`,
    to: `share/fish/vendor_completions.d/${name}.fish`,
    mode: 0o644,
  },
];

function install(base: string): void {
  for (const { from } of installed)
    if (!existsSync(join(root, from))) throw new Error(`${from} is not there: build first`);
  // Whatever the user's: these are for everyone.
  process.umask(0o022);
  const copies = installed.map(({ to }) => join(base, `${to}.${process.pid}`));
  try {
    for (const [index, { from, mode }] of installed.entries()) {
      const copy = copies[index]!;
      mkdirSync(dirname(copy), { recursive: true });
      copyFileSync(join(root, from), copy);
      chmodSync(copy, mode);
    }
    for (const [index, { to }] of installed.entries()) renameSync(copies[index]!, join(base, to));
  } finally {
    for (const copy of copies) rmSync(copy, { force: true });
  }
}

/** @throws Error that says what is wrong with the arguments. */
function readArguments(args: string[]): { base: string; remove: boolean } {
  const { prefix, destdir, remove } = parseArgs({
    args,
    options: {
      prefix: { type: "string", default: "/usr/local" },
      destdir: { type: "string", default: "/" },
      remove: { type: "boolean", default: false },
    },
  }).values;
  for (const [option, path] of Object.entries({ prefix, destdir }))
    if (!isAbsolute(path)) throw new Error(`--${option} is not an absolute path: ${path}`);
  return { base: join(destdir, prefix), remove };
}

if (import.meta.main) {
  try {
    const { base, remove } = readArguments(process.argv.slice(2));
    if (remove) for (const { to } of installed) rmSync(join(base, to), { force: true });
    else install(base);
    for (const { to } of installed) console.log(`${remove ? "removed" : "installed"} ${join(base, to)}`);
  } catch (error) {
    console.error(`install-files: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
