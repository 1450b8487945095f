import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ElfImage } from "./elf.ts";
import { help } from "./help.ts";
import { seal } from "./seal.ts";
import { targets, type Target } from "./targets.ts";

/**
 * Compile `entry` into the executable `outfile` and seal it.
 * @returns what was sealed, a line each.
 */
export async function compileSealed(entry: string, outfile: string, target?: Target): Promise<string[]> {
  await Bun.build({
    entrypoints: [await bundle(entry, join(outfile, ".."))],
    minify: true,
    bytecode: true,
    format: "esm",
    sourcemap: "none",
    compile: {
      ...(target && { target: targets[target].bun }),
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  const bytes = readFileSync(outfile);
  if (target) checkLoader(bytes, targets[target].loader);
  const sealed = seal(bytes);
  writeFileSync(outfile, bytes);
  chmodSync(outfile, 0o755);
  return sealed;
}

/**
 * Bundle `entry`, as a step of its own: compiled in one step, the executable
 * would hold what the bundle leaves out (citty's parser, and with it node:util).
 * @returns the path of the bundle in `outdir`.
 */
async function bundle(entry: string, outdir: string): Promise<string> {
  const define = { HELP: JSON.stringify(await help()) };
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "bun", outdir, define });
  const [output] = outputs;
  if (!output) throw new Error(`nothing was bundled from ${entry}`);
  return output.path;
}

/** Bun may have been given, or may have cached, the runtime of another target. */
function checkLoader(bytes: Buffer, expected: string): void {
  const { bytes: interp } = new ElfImage(bytes).section(".interp");
  const loader = interp.toString("latin1", 0, interp.indexOf(0));
  if (loader !== expected) throw new Error(`its loader is ${loader}, expected ${expected}`);
}
