import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { compact } from "./compact.ts";
import { ElfImage } from "./elf.ts";
import { seal } from "./seal.ts";
import { targets, type Target } from "./targets.ts";

/**
 * Compile `entry` into the executable `outfile`, seal and compact it.
 * @returns what was sealed, a line each.
 */
export async function compileSealed(entry: string, outfile: string, target?: Target): Promise<string[]> {
  await Bun.build({
    entrypoints: [entry],
    define: {
      BUILD: JSON.stringify({
        arch: target?.split("-")[1] ?? process.arch,
        bun: Bun.version,
        id: "unfrozen",
      }),
    },
    minify: true,
    bytecode: true,
    format: "esm",
    sourcemap: "none",
    compile: {
      ...(target && { target: targets[target].bun }),
      outfile,
      // Compiling what runs once takes longer than it saves, and changes errno behind a system call's back.
      jitPolicy: 1000,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  const bytes = readFileSync(outfile);
  if (target) checkLoader(bytes, targets[target].loader);
  const sealed = seal(bytes);
  writeFileSync(outfile, compact(bytes));
  chmodSync(outfile, 0o755);
  return sealed;
}

/** Bun may have been given, or may have cached, the runtime of another target. */
function checkLoader(bytes: Buffer, expected: string): void {
  const { bytes: interp } = new ElfImage(bytes).section(".interp");
  const loader = interp.toString("latin1", 0, interp.indexOf(0));
  if (loader !== expected) throw new Error(`its loader is ${loader}, expected ${expected}`);
}
