import { BUILD_ID_TEXT } from "./training.ts";

/**
 * Compile `entry` into the executable `outfile`, which starts the runtime in each run: what is frozen next.
 * @param bun the path of another Bun whose runtime to take; undefined: the one that this runs on.
 */
export async function compile(entry: string, outfile: string, bun?: string): Promise<void> {
  await Bun.build({
    entrypoints: [entry],
    define: { BUILD: JSON.stringify({ arch: process.arch, bun: Bun.version, id: BUILD_ID_TEXT }) },
    minify: true,
    sourcemap: "none",
    compile: {
      outfile,
      ...(bun && { executablePath: bun }),
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
}
