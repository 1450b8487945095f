/**
 * Usage: bun scripts/docs/strace.ts
 *
 * Writes into README.md what strace sees of a run of dist/s6-tcpserver-socketbinder.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { name } from "../../package.json";
import { withBlocks } from "./blocks.ts";

const root = join(import.meta.dir, "../..");
const readme = join(root, "README.md");

/**
 * The system calls of a run, from its first instruction to prog's, as strace prints them.
 * Addresses and signal handlers are "…", since they are another build's matter.
 * @throws Error if prog was not executed, or did not succeed.
 */
export function systemCalls(args: readonly string[], env = { PATH: "/bin" }): string[] {
  const directory = mkdtempSync(join(tmpdir(), "strace-"));
  try {
    const trace = join(directory, "trace");
    const command = ["strace", "-o", trace, join(root, "dist", name), ...args];
    const { success, stderr } = Bun.spawnSync(command, { env: { ...process.env, ...env } });
    if (!success) throw new Error(`${command.join(" ")}: ${stderr}`);
    const [, ...lines] = readFileSync(trace, "utf8").split("\n");
    const last = lines.findIndex((line) => /^execve\(.* = 0$/.test(line));
    return lines.slice(0, last + 1).map((line) =>
      line
        .replaceAll(/\{sa_handler=[^}]*\}/g, "{…}")
        .replaceAll(/0x[0-9a-f]+( \/\* \d+ vars? \*\/)?/g, "…")
        .replace(/\s+= /, " = "),
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** README.md with the system calls of a run. */
export function readmeWithCalls(): string {
  const args = ["127.0.0.1", "0", "/bin/true"];
  const lines = [`$ strace ${name} ${args.join(" ")}`, ...systemCalls(args)];
  return withBlocks(readFileSync(readme, "utf8"), { strace: `\`\`\`\n${lines.join("\n")}\n\`\`\`` });
}

if (import.meta.main) writeFileSync(readme, readmeWithCalls());
