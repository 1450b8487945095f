/**
 * Usage: bun scripts/build.ts
 *
 * Compiles src/main.ts into dist/s6-tcpserver-socketbinder and seals it.
 */

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { name } from "../package.json";
import { seal } from "./seal.ts";

const root = join(import.meta.dir, "..");

/** Build the executable `file`; it appears complete, or not at all. @returns what was sealed. */
export async function build(file: string): Promise<string[]> {
  mkdirSync(join(root, "dist"), { recursive: true });
  const scratch = mkdtempSync(join(root, "dist", ".build-"));
  try {
    const outfile = join(scratch, name);
    await Bun.build({
      entrypoints: [join(root, "src/main.ts")],
      minify: true,
      bytecode: true,
      format: "esm",
      sourcemap: "none",
      compile: {
        outfile,
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadTsconfig: false,
        autoloadPackageJson: false,
      },
    });
    const bytes = readFileSync(outfile);
    const sealed = seal(bytes);
    writeFileSync(outfile, bytes);
    chmodSync(outfile, 0o755);
    renameSync(outfile, file);
    return sealed;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (import.meta.main) {
  const file = join(root, "dist", name);
  const sealed = await build(file);
  console.log(`dist/${name}: sealed`);
  for (const line of sealed) console.log(`  ${line}`);
}
