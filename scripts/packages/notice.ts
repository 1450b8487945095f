/** What we owe to those whose work the executable contains: NOTICE, and the licence texts. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { name } from "../../package.json";
import { versionsFile, type Versions } from "../versions.ts";
import { root } from "./built.ts";
import { components, type Component } from "./components.ts";
import type { Tree } from "./tree.ts";

export const licenceTexts = join(root, "licenses");

/** The names of the licence texts' files. */
export const licenceFiles = readdirSync(licenceTexts)
  .filter((file) => file.endsWith(".txt"))
  .sort();

/** A licence's text, by its SPDX identifier: a later version is as good. */
export function licenceFile(identifier: string): string {
  return `${identifier.replace(/-(only|or-later)$/, "")}.txt`;
}

/**
 * NOTICE: as the repository has it, or with the libc of one executable.
 *
 * @param texts where the texts of the licences are.
 */
export function notice(versions: Versions, texts = "are in licenses/"): string {
  const parts = components(versions);
  const lesser = parts.filter(({ licence }) => licence.includes("LGPL"));
  const others = parts.filter((part) => !lesser.includes(part));
  return `${name}
Copyright (c) 2026 the ${name} authors

Our own source code is under the ISC License (LICENSE).

The executable is a program that was started once, while it was built, and
written down with its memory. So it contains parts of the Bun runtime, of what
is linked into that, and of the GNU C Library of the machine that built it.
Their licences ${texts}. This software is based in part on the work of
the Independent JPEG Group.

Under the GNU Library or Lesser General Public License are:

${lesser.map(entry).join("\n")}${
    versions.libc
      ? ""
      : `
glibc
  Licence:   LGPL-2.1-or-later
  Copyright: the Free Software Foundation, Inc., and contributors
  Sources:   versions.json beside each executable says which, and its NOTICE where
`
  }
You may change these libraries and make the executable anew with them: build the
changed Bun, or install the changed C library, and then

  npm ci && npm run build -- --bun PATH

docs/licences.md in the sources of ${name}
says more. You may also reverse engineer the executable for debugging such changes.

Under other licences are the following. The commits that are not named here are
pinned by the sources of Bun, in scripts/build/deps/:

${others.map(entry).join("\n")}
Bun also embeds npm packages under the MIT License, which it loads only when a
program asks for them, as ours does not. Its documentation names them:
https://bun.com/docs/project/license
`;
}

function entry({ name, version, licence, copyright, sources }: Component): string {
  return `${name}${version ? ` ${version}` : ""}
  Licence:   ${licence}
  Copyright: ${copyright}
  Sources:   ${sources}
`;
}

/** Add what every package brings: our licence, NOTICE, the texts, and the record that they are made from. */
export function addLicences(tree: Tree, versions: Versions, directory = ""): void {
  tree
    .add(join(directory, "LICENSE"), { from: join(root, "LICENSE") })
    .add(join(directory, "NOTICE"), notice(versions))
    .add(join(directory, versionsFile), `${JSON.stringify(versions, null, 2)}\n`);
  for (const file of licenceFiles)
    tree.add(join(directory, "licenses", file), { from: join(licenceTexts, file) });
}
