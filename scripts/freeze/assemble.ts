/**
 * Usage: bun scripts/freeze/assemble.ts
 *
 * Assembles the entry code of each architecture into a listing beside it, with binutils. Building the program
 * takes the listings alone; a test compares them with what the sources give.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What is assembled: the prefix of the tools of binutils, and how the disassembler shall write. */
export const sources = {
  "entry-x64": { tools: "x86_64-linux-gnu-", syntax: ["-M", "intel"], comment: / *#.*/, words: false },
  // An instruction is shown as a word, and lies in memory with its lowest byte first.
  "entry-arm64": { tools: "aarch64-linux-gnu-", syntax: [], comment: / *\/\/.*/, words: true },
} as const;

export type Source = keyof typeof sources;

/** An entry code: its labels, each with its offset in bytes, and its instructions, each beside its bytes. */
export interface Listing {
  readonly labels: Readonly<Record<string, number>>;
  readonly code: readonly (readonly [bytes: string, instruction: string])[];
}

/** Assemble a source, and disassemble what came of it. @throws Error with what the assembler said. */
export function assemble(source: Source): Listing {
  const { tools, syntax, comment, words } = sources[source];
  const directory = mkdtempSync(join(tmpdir(), "assemble-"));
  const object = join(directory, "entry.o");
  try {
    command([`${tools}as`, "-o", object, join(import.meta.dir, `${source}.s`)]);
    const symbols = command([`${tools}nm`, object]).matchAll(/^(\w+) t (\w+)$/gm);
    const labels = Object.fromEntries(
      [...symbols].map(([, offset, label]) => [label, parseInt(offset!, 16)]),
    );
    const lines = command([`${tools}objdump`, "-dw", "--no-addresses", ...syntax, object]);
    const code = [...lines.matchAll(/^\t((?:[0-9a-f]{2,8} )+) *\t(.*)$/gm)].map(
      ([, bytes = "", text = ""]) => {
        const shown = Buffer.from(bytes.replaceAll(" ", ""), "hex");
        const instruction = (words ? shown.reverse() : shown).toString("hex");
        return [
          instruction,
          text
            .replace(comment, "")
            .replaceAll(/[\t ]+/g, " ")
            .trim(),
        ] as const;
      },
    );
    return { labels, code };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function command(words: string[]): string {
  const { stdout, stderr, success } = Bun.spawnSync(words);
  if (!success) throw new Error(`${words[0]}: ${stderr}`);
  return stdout.toString();
}

/** A listing as text: an instruction a line. */
export function listingText({ labels, code }: Listing): string {
  const rows = code.map((row) => `    ${JSON.stringify(row).replace(",", ", ")}`).join(",\n");
  return `{\n  "labels": ${JSON.stringify(labels)},\n  "code": [\n${rows}\n  ]\n}\n`;
}

if (import.meta.main) {
  for (const source of Object.keys(sources) as Source[]) {
    writeFileSync(join(import.meta.dir, `${source}.json`), listingText(assemble(source)));
  }
}
