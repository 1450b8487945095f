/** This project on another architecture, to build there: in an emulated machine. */

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { output } from "./command.ts";
import { fileAt, type Files } from "./cpio.ts";
import { Machine, type MachineKind } from "./machine.ts";

const root = join(import.meta.dir, "../..");

/**
 * By architecture, as it is called by Bun and Node.js: where to build, and the runtime's package. On an emulated
 * "max" the building Bun itself crashed in some runs, in code of its own that it compiled, and took twice as long.
 */
export const hosts = {
  arm64: { kind: "arm64 cortex-a53", runtime: "@oven/bun-linux-aarch64" },
  x64: { kind: "x64 Linux 6.1", runtime: "@oven/bun-linux-x64" },
} as const satisfies Record<string, { kind: MachineKind; runtime: string }>;

export type Architecture = keyof typeof hosts;

/** Where the project is, in the machine. */
const project = "project";

/** What the runtime, its copy and the freezing of it need, in MiB: files are in the machine's memory. */
const memory = 3072;

interface Options {
  /** A directory that is removed by the caller, whatever happens. */
  scratch: string;
  /** The machine, if not the one that is meant for builds. */
  kind?: MachineKind;
}

/** A machine of another architecture that has the project, as `npm install` would make it there. */
export class Workshop implements AsyncDisposable {
  readonly #machine: Machine;

  static async start(
    architecture: Architecture,
    { scratch, kind = hosts[architecture].kind }: Options,
  ): Promise<Workshop> {
    const files = await projectFor(architecture, scratch);
    const machine = await Machine.start(kind, memory);
    await machine.put(files);
    return new Workshop(machine);
  }

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine[Symbol.asyncDispose]();
  }

  /** Run a script of the project. @returns what it prints. @throws Error with what it says, if it fails. */
  async run(script: string, ...args: string[]): Promise<string> {
    const { exit, stdout, stderr } = await this.#machine.run(["bun", script, ...args], {
      cwd: `/${project}`,
    });
    if (exit !== 0) throw new Error(`${script} in the machine: ${stderr.trim() || `exit ${exit}`}`);
    return stdout;
  }

  /** What is in its dist/, by paths below that. */
  async dist(): Promise<Files> {
    const dist = `${project}/dist/`;
    const made = await this.#machine.get(dist.slice(0, -1));
    return new Map([...made].map(([path, file]) => [path.slice(dist.length), file]));
  }
}

/** Write files below a directory. */
export function writeFiles(files: Files, directory: string): void {
  for (const [path, { mode, content }] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content, { mode: mode & 0o777 });
  }
}

/** The project, with the runtime on PATH. */
async function projectFor(architecture: Architecture, scratch: string): Promise<Files> {
  const directory = join(scratch, project);
  for (const part of ["package.json", "package-lock.json", "tsconfig.json", "src", "scripts"]) {
    cpSync(join(root, part), join(directory, part), { recursive: true });
  }
  const platform = ["--os=linux", `--cpu=${architecture}`, "--libc=glibc"];
  await output(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", ...platform], { cwd: directory });

  const files: Files = new Map();
  const { runtime } = hosts[architecture];
  files.set("bin/bun", fileAt(join(directory, "node_modules", runtime, "bin/bun")));
  for (const path of new Glob("**").scanSync({ cwd: directory, dot: true })) {
    if (!path.startsWith("node_modules/@oven/"))
      files.set(`${project}/${path}`, fileAt(join(directory, path)));
  }
  return files;
}
