import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { compact } from "./compact.ts";
import { ElfImage } from "./elf.ts";
import { seal } from "./seal.ts";
import { targets, type Target } from "./targets.ts";

/** What is replaced in a source file on its way into the executable, because it would cost more than it gives. */
const substitutions = [
  {
    // citty's parser, which we do not use: Bun would put the bytecode of node:util into the executable for it.
    file: /\/citty\/dist\/index\.mjs$/,
    from: /^import \{ parseArgs as (\S+) \} from "node:util";$/gm,
    to: "let $1;",
  },
  {
    // See src/native-ffi.ts.
    file: /\/src\/(libc|process|announcement|address|hand-over)\.ts$/,
    from: /(?<=^import .* from )"bun:ffi"/gm,
    to: '"./native-ffi.ts"',
  },
  {
    // What src/lazy.ts loads: what it shares with the program is then in one module with the program, not in three.
    file: /\/src\/(arguments|extensions)\.ts$/,
    from: /^/,
    to: 'import "./main.ts";\n',
  },
];

const lean: Bun.BunPlugin = {
  name: "lean",
  setup(build) {
    build.onLoad({ filter: /\/(src\/[\w-]+\.ts|citty\/dist\/index\.mjs)$/ }, async ({ path, loader }) => {
      let contents = await Bun.file(path).text();
      for (const { file, from, to } of substitutions) {
        if (!file.test(path)) continue;
        if (!contents.match(from)) throw new Error(`${path} does not have what the build replaces: ${from}`);
        contents = contents.replace(from, to);
      }
      return { contents, loader };
    });
  },
};

/**
 * Compile `entry` into the executable `outfile`, seal and compact it. What is loaded by
 * require() becomes a module of its own, decoded when it is called for.
 * @returns what was sealed, a line each.
 */
export async function compileSealed(entry: string, outfile: string, target?: Target): Promise<string[]> {
  await Bun.build({
    entrypoints: [entry],
    plugins: [lean],
    minify: true,
    splitting: true,
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
