/** Starts a random run, of whatever executable: the one place where that is done. */

import { ptr } from "bun:ffi";
import { closeSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { O_CLOEXEC } from "../freeze/linux.ts";
import { check, libc, SystemError } from "../freeze/ptrace.ts";
import type { Case } from "./cases.ts";
import { SELF } from "./command-lines.ts";
import { trace } from "./trace.ts";

/** What a run left. Texts have a byte a character. */
export interface Outcome {
  /** The exit status; 128 and the number of a signal. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the file "report" holds afterwards. */
  readonly report: string | undefined;
  /** The addresses of pages that were put in their place. */
  readonly missed: ReadonlySet<number>;
}

/** A prog that tells what it sees: arguments, environment, descriptors. */
const PROBE = `#!/bin/sh
printf '%s\\n' "$@"
/usr/bin/env
PATH=/usr/bin:/bin
for descriptor in 0 1 2 3 4 5 6 7 8; do
  readlink "/proc/$$/fd/$descriptor" && grep flags "/proc/$$/fdinfo/$descriptor"
done
exit 0
`;

/** Where the shell waits for a line until it is traced. */
const GO = 9;

/** A directory for runs, one at a time. */
export class Runner {
  readonly #directory: string;

  /** @param directory an empty one. */
  constructor(directory: string) {
    this.#directory = directory;
    writeFileSync(join(directory, "probe"), PROBE, { mode: 0o755 });
    writeFileSync(join(directory, "stdin"), "");
  }

  /** Run an executable with the arguments of a case, and in its surroundings. */
  run(command: string, { args, report, failures, ...surroundings }: Case): Outcome {
    this.#arrange(report);
    const { environment, listenPid, closed, open } = surroundings;
    const pid = listenPid === undefined ? "" : `"LISTEN_PID=${listenPid === "ours" ? "$$" : listenPid}"`;
    const script = [
      `cd ${quote(join(this.#directory, "cwd"))}`,
      "exec <../stdin >../stdout 2>../stderr",
      `read go <&${GO} || exit`,
      `exec ${GO}<&- ${open.map((descriptor) => `${descriptor}</dev/null`).join(" ")}`,
      `exec env -i ${pid} "$@" ${closed.map((descriptor) => `${descriptor}>&-`).join(" ")}`,
    ];
    const ours = args.map((word) => (word === SELF ? command : word));
    const words = ["/bin/sh", "-c", script.join("\n"), "sh", ...environment, command, ...ours];
    const { child, go } = launch(words);
    try {
      const missed = new Set<number>();
      const status = trace(child, () => writeSync(go, "\n"), command, failures, missed);
      const [stdout = "", stderr = ""] = ["stdout", "stderr"].map((file) => this.#read(file));
      return { status, stdout, stderr, report: this.#read("cwd/report"), missed };
    } finally {
      closeSync(go);
    }
  }

  #arrange(report: Case["report"]): void {
    const cwd = join(this.#directory, "cwd");
    rmSync(cwd, { recursive: true, force: true });
    mkdirSync(cwd);
    const path = join(cwd, "report");
    if (report === "file") writeFileSync(path, "what was there\n");
    if (report === "directory") mkdirSync(path);
    if (report.startsWith("link")) symlinkSync("target", path);
    if (report === "link") writeFileSync(join(cwd, "target"), "what was there\n");
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.#directory, file), "latin1");
    } catch {
      return undefined;
    }
  }
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const PATH = Buffer.from("PATH=/usr/bin:/bin\0");

/** Start a command. @returns its pid, and the other end of its descriptor GO. */
function launch(words: readonly string[]): { child: number; go: number } {
  const pipe = new Int32Array(2);
  check(libc.pipe2(ptr(pipe), O_CLOEXEC), "pipe2");
  const [input = -1, go = -1] = pipe;
  const strings = words.map((text) => Buffer.from(`${text}\0`, "latin1"));
  const argv = BigUint64Array.from([...strings.map((text) => BigInt(ptr(text))), 0n]);
  const envp = BigUint64Array.of(BigInt(ptr(PATH)), 0n);
  // posix_spawn_file_actions_t of glibc and musl has less than this.
  const actions = new Uint8Array(256);
  const pid = new Int32Array(1);
  libc.posix_spawn_file_actions_init(ptr(actions));
  libc.posix_spawn_file_actions_adddup2(ptr(actions), input, GO);
  const error = libc.posix_spawn(ptr(pid), ptr(strings[0]!), ptr(actions), null, ptr(argv), ptr(envp));
  closeSync(input);
  if (error !== 0) throw new SystemError(`unable to start ${words[0]}`, error);
  return { child: pid[0]!, go };
}
