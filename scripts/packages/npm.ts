/**
 * The packages for npm: one for each architecture, whose command is the
 * executable itself, and one that depends on these and is the same everywhere.
 */

import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { description, name, repository, version } from "../../package.json";
import { architectures, root, targets, type Built, type Target } from "./built.ts";
import { allLicences, components } from "./components.ts";
import { addLicences } from "./notice.ts";
import { Tree } from "./tree.ts";

/** The registry compares `repository` with that whose workflow publishes. */
const common = { version, description, repository };

/** An architecture's package. It says no `libc`: the executable needs none. */
export function nativeManifest({ target, versions }: Pick<Built, "target" | "versions">) {
  return {
    name: packageName(target),
    ...common,
    license: allLicences(components(versions)),
    os: ["linux"],
    cpu: [architectures[target].cpu],
    bin: { [name]: `bin/${name}` },
    man: [`man/${name}.8`],
    // Yarn would leave it in an archive.
    preferUnplugged: true,
  };
}

/** What `npx s6-tcpserver-socketbinder` installs. */
export function launcherManifest() {
  return {
    name,
    ...common,
    license: "ISC",
    type: "module",
    engines: { node: ">=20" },
    bin: { [name]: "launcher.js" },
    optionalDependencies: Object.fromEntries(targets.map((target) => [packageName(target), version])),
  };
}

function packageName(target: Target): string {
  return `${name}-${target}`;
}

/** @returns the name of the package's file in the directory `out`. */
export function packNative(build: Built, time: number, out: string): Promise<string> {
  return pack(out, time, (tree) => {
    tree
      .add("package.json", json(nativeManifest(build)))
      .add("README.md", readme(build.target))
      .add(`bin/${name}`, { from: build.executable }, 0o755)
      .add(`man/${name}.8`, { from: join(root, `man/${name}.8`) });
    addLicences(tree, build.versions);
  });
}

/** @returns the name of the package's file in the directory `out`. */
export function packLauncher(time: number, out: string): Promise<string> {
  return pack(out, time, (tree) => {
    tree
      .add("package.json", json(launcherManifest()))
      .add("README.md", readme())
      .add("launcher.js", { from: join(import.meta.dir, "launcher.js") }, 0o755)
      .add("LICENSE", { from: join(root, "LICENSE") });
  });
}

/** Pack with Bun, whose version is pinned: npm's bytes depend on the zlib of its Node.js. */
async function pack(out: string, time: number, fill: (tree: Tree) => void): Promise<string> {
  const scratch = mkdtempSync(join(out, ".npm-"));
  try {
    fill(new Tree(join(scratch, "package"), time));
    const command = [
      process.execPath,
      "pm",
      "pack",
      "--quiet",
      "--ignore-scripts",
      "--gzip-level=6",
      "--destination",
      scratch,
    ];
    const child = Bun.spawn(command, { cwd: join(scratch, "package"), stdout: "pipe", stderr: "pipe" });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) !== 0) throw new Error(`bun pm pack: ${stderr || stdout}`);
    const file = stdout.trim().split("/").at(-1)!;
    renameSync(join(scratch, file), join(out, file));
    return file;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function readme(target?: Target): string {
  const heading = `# ${target ? packageName(target) : name}\n\n${description}.\n`;
  const natives = targets.map((other) => `\`${packageName(other)}\``).join(" or ");
  if (target)
    return `${heading}
The command \`${name}\` of this package is the executable itself, for Linux on ${architectures[target].cpu}. Scripts and services depend on this package: nothing stands between them and the executable. NOTICE says what the executable contains, under which licences, and where the sources are.
`;
  return `${heading}
    npx ${name} 127.0.0.1 8080 node server.js

This package finds the executable in ${natives}, which it depends on. Its command is a Node.js program that becomes the executable. Node.js closes the descriptors from 3 up when it does, and raises the limit of open files. So scripts and services that care depend on the package of their architecture, whose command is the executable itself, and whose NOTICE says what it contains.
`;
}
