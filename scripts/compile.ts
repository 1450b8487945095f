import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { ElfImage } from "./elf.ts";
import { help } from "./help.ts";
import { seal } from "./seal.ts";
import { targets, type Target } from "./targets.ts";

/**
 * citty without its parser, which we do not use: it imports node:util, and Bun
 * puts the bytecode of that into the executable even where nothing calls it.
 */
const withoutParser: Bun.BunPlugin = {
  name: "citty without its parser",
  setup(build) {
    build.onLoad({ filter: /\/citty\/dist\/index\.mjs$/ }, async ({ path }) => {
      const source = await Bun.file(path).text();
      const contents = source.replace(/^import \{ parseArgs as (\S+) \} from "node:util";$/m, "let $1;");
      if (contents === source) throw new Error(`${path} does not import node:util's parseArgs as expected`);
      return { contents, loader: "js" };
    });
  },
};

/**
 * Compile `entry` into the executable `outfile` and seal it. What is loaded by
 * require() becomes a module of its own, decoded when it is called for.
 * @returns what was sealed, a line each.
 */
export async function compileSealed(entry: string, outfile: string, target?: Target): Promise<string[]> {
  await Bun.build({
    entrypoints: [entry],
    plugins: [withoutParser],
    define: { HELP: JSON.stringify(await help()) },
    minify: true,
    splitting: true,
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

/** Bun may have been given, or may have cached, the runtime of another target. */
function checkLoader(bytes: Buffer, expected: string): void {
  const { bytes: interp } = new ElfImage(bytes).section(".interp");
  const loader = interp.toString("latin1", 0, interp.indexOf(0));
  if (loader !== expected) throw new Error(`its loader is ${loader}, expected ${expected}`);
}
