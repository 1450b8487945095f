import type { BunPlugin } from "bun";
import { devDependencies } from "../package.json";
import { BUILD_ID_TEXT } from "./training.ts";

/**
 * Compile `entry` into the executable `outfile`, which starts the runtime in each run: what is frozen next.
 * @param bun the path of another Bun whose runtime to take; undefined: the one that this runs on.
 * @param plugins what happens to the sources before.
 */
export async function compile(
  entry: string,
  outfile: string,
  bun?: string,
  plugins: BunPlugin[] = [],
): Promise<void> {
  const version = bun === undefined ? Bun.version : versionOf(bun);
  if (version !== devDependencies.bun) {
    console.error(
      `build: warning: the runtime is that of Bun ${version}; the tests are for ${devDependencies.bun}`,
    );
  }
  await Bun.build({
    entrypoints: [entry],
    plugins,
    define: { BUILD: JSON.stringify({ arch: process.arch, bun: version, id: BUILD_ID_TEXT }) },
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

/** What version a Bun is. @throws Error when it is none. */
function versionOf(bun: string): string {
  let version = "";
  try {
    version = Bun.spawnSync([bun, "--version"], { stderr: "ignore" }).stdout.toString().trimEnd();
  } catch (error) {
    throw new Error(`unable to execute ${bun}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!/^\d+\.\d+\.\d+\S*$/.test(version)) throw new Error(`${bun} is not Bun: it tells no version`);
  return version;
}
