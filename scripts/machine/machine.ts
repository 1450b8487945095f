/** Whole machines in an emulator: another architecture, an older CPU, another kernel. */

import { file, pack, unpack, type Files } from "./cpio.ts";
import { startEmulator, type Emulator } from "./emulator.ts";
import { channels, jobDirectory, system } from "./systems.ts";

// qemu spends most of its time on the architecture's own algorithm for pointer authentication; this one is as real.
const max = "max,pauth-impdef=on";

export const kinds = {
  "arm64 max": { system: "arm64-6.1", cpu: max },
  "arm64 cortex-a53": { system: "arm64-6.1", cpu: "cortex-a53" },
  "arm64 neoverse-n1": { system: "arm64-6.1", cpu: "neoverse-n1" },
  "arm64 Linux 5.10": { system: "arm64-5.10", cpu: "cortex-a53" },
  "arm64 64 KiB pages": { system: "arm64-64k", cpu: max },
  "arm64 16 KiB pages": { system: "arm64-16k", cpu: max },
  "x64 Linux 5.10": { system: "x64-5.10", cpu: "Nehalem" },
  "x64 Linux 6.1": { system: "x64-6.1", cpu: "Nehalem" },
  "x64 Linux 6.12": { system: "x64-6.12", cpu: "Nehalem" },
  "x64 systemd": { system: "x64-systemd", cpu: "Nehalem" },
} as const;

export type MachineKind = keyof typeof kinds;

/** As Bun and Node.js call it. */
export const architectureOf = (kind: MachineKind) => (kind.startsWith("arm64") ? "arm64" : "x64");

/** The files that hold what a command left, each with its number before it. */
const outcome = ["status", "stdout", "stderr"];

/** A machine that hangs is ended; on a busy host one may take a minute. */
const bootSeconds = 180;

export interface Result {
  /** A signal counts as 128 and its number. */
  exit: number;
  stdout: string;
  stderr: string;
}

interface RunOptions {
  /** Replaces the environment. */
  env?: Record<string, string>;
  cwd?: string;
  stdin?: string | Uint8Array;
}

interface Job {
  /** For sh(1), in a directory of its own. */
  script?: string;
  stdin?: string | Uint8Array;
  /** To be put into the machine before the script runs. */
  files?: Files;
  /** Files to be taken out afterwards: absolute, or in that directory. */
  results?: readonly string[];
}

/** A running machine. It ends when it is disposed of, and with this process. */
export class Machine implements AsyncDisposable {
  readonly #kind: MachineKind;
  readonly #emulator: Emulator;
  readonly #free: number[];
  readonly #waiting: ((channel: number) => void)[] = [];

  /**
   * Start a machine.
   * @param memory in MiB.
   * @throws Error that says what to install, or why it does not start.
   */
  static async start(kind: MachineKind, memory = 512): Promise<Machine> {
    const { system: name, cpu } = kinds[kind];
    const architecture = architectureOf(kind);
    const files = await system(name);
    const emulator = startEmulator({ architecture, cpu, memory, ports: channels }, files);
    const machine = new Machine(kind, emulator);
    const tooLong = setTimeout(() => void emulator.end(), bootSeconds * 1000);
    await machine.run(["true"]);
    clearTimeout(tooLong);
    return machine;
  }

  private constructor(kind: MachineKind, emulator: Emulator) {
    this.#kind = kind;
    this.#emulator = emulator;
    this.#free = emulator.channels.map((_, index) => index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#emulator.end();
  }

  /** Run a command to its end, as root. */
  async run(command: readonly string[], options: RunOptions = {}): Promise<Result> {
    const [result] = await this.runAll([command], options);
    return result!;
  }

  /** Run commands as one job, each when the one before has ended: that is much faster. */
  async runAll(
    commands: readonly (readonly string[])[],
    { env, cwd = "/", stdin = "" }: RunOptions = {},
  ): Promise<Result[]> {
    const variables = env && ["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
    const lines = commands.map((command, index) => {
      const line = [...(variables ?? []), ...command].map(quoted).join(" ");
      // A shell that waits for it says "Killed", which is not to be among what it says.
      const redirect = `exec <stdin >${index}.stdout 2>${index}.stderr`;
      return `(${redirect}; cd ${quoted(cwd)} && exec ${line})\necho $? >${index}.status\n`;
    });
    const names = commands.flatMap((_, index) => outcome.map((name) => `${index}.${name}`));
    const files = await this.#do({ script: `rm -f *.status\n${lines.join("")}`, stdin, results: names });
    const said = [...files.values()].map(({ content }) => content.toString());
    return commands.map((_, index) => {
      const [exit, stdout, stderr] = said.slice(index * outcome.length);
      return { exit: Number(exit), stdout: stdout ?? "", stderr: stderr ?? "" };
    });
  }

  /** Put files into the machine, over what is there. */
  async put(files: Files): Promise<void> {
    await this.#do({ files });
  }

  /** The files below a directory; it and they have no leading slash. */
  async get(directory: string): Promise<Files> {
    const { exit, stdout, stderr } = await this.run(["find", directory, "-type", "f"]);
    if (exit !== 0) throw new Error(stderr);
    return this.#do({
      results: stdout
        .split("\n")
        .slice(0, -1)
        .map((path) => `/${path}`),
    });
  }

  /** Have a job done by the next free worker: see guest/worker. @returns the files that it sends back. */
  async #do({ script = "", stdin = "", files = new Map(), results = [] }: Job): Promise<Files> {
    const index = this.#free.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
    const directory = jobDirectory(index + 1);
    const job: Files = new Map(files);
    const add = (name: string, content: string | Uint8Array) =>
      job.set(`${directory}/${name}`, file(content));
    add("script", script);
    add("stdin", stdin);
    const inRoot = (path: string) => (path.startsWith("/") ? path.slice(1) : `${directory}/${path}`);
    add("results", results.map((path) => `${inRoot(path)}\n`).join(""));
    const channel = this.#emulator.channels[index]!;
    try {
      await channel.send(pack(job));
      return await unpack(channel.receive);
    } catch (error) {
      const lastWords = await this.#emulator.end();
      throw new Error(`${this.#kind}: the machine has ended: ${lastWords}`, { cause: error });
    } finally {
      const next = this.#waiting.shift();
      if (next) next(index);
      else this.#free.push(index);
    }
  }
}

/** For sh(1). */
function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
