/** Our executable with a prog that keeps running, and a client for it. */

import { existsSync, readFileSync } from "node:fs";
import { executable, run, spawn, until } from "./harness.ts";

/**
 * Start our executable with `args`, and wait until it reports its address.
 * Say `await using`: it then ends with the test.
 * @param inside what to put in front of the command: see `inNetwork`.
 */
export async function listener(args: string[], inside: string[] = []) {
  const script = 'exec "$0" --report-fd=3 "$@" 3>&1 >/dev/null';
  const command = [...inside, "sh", "-c", script, executable, ...args];
  const child = spawn(command, ["ignore", "pipe", "pipe"]);
  const line = await child.stdout.text();
  if (line === "") throw new Error(`${args.join(" ")}: ${await child.stderr.text()}`);
  return {
    ...place(line),
    child,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** What a --report-file says, as soon as it does. */
export async function reported(file: string) {
  const line = await until(file, () => (existsSync(file) ? readFileSync(file, "utf8") : undefined));
  return place(line);
}

/** What "IP PORT\n" says, and the URL of it. */
function place(line: string) {
  const [ip = "", port = ""] = line.trimEnd().split(" ");
  return { ip, port, url: `http://${ip.includes(":") ? `[${ip}]` : ip}:${port}/` };
}

/** The answer to an HTTP request; undefined if there is none. */
export async function get(url: string, inside: string[] = [], options: string[] = []) {
  const curl = ["curl", "--silent", "--noproxy", "*", "--max-time", "10", "--globoff", ...options, url];
  const { exit, stdout } = await run([...inside, ...curl]);
  return exit === 0 ? stdout : undefined;
}

/** Wait until a process does nothing but pass the time: by what it waits for in the kernel. */
export async function asleep(pid: number, comm?: string): Promise<void> {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, "utf8").trimEnd();
  await until(`process ${pid} to sleep`, () => {
    const passing = read("wchan").endsWith("nanosleep") && (comm === undefined || read("comm") === comm);
    return passing || undefined;
  });
}
