/** Network namespaces of a test's own, and an ordinary user. */

import { chmodSync, constants, copyFileSync } from "node:fs";
import { join } from "node:path";
import { executable, name, scratch, spawn } from "./harness.ts";

/** What `inNetwork` needs: see `testWith`. */
export const networkTools = ["root", "unshare", "nsenter", "ip"];

/** In front of a command: run it as nobody. */
export const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/** A copy of our executable where everyone can reach it. */
export function everyonesExecutable(): string {
  const directory = scratch();
  const copy = join(directory, name);
  copyFileSync(executable, copy, constants.COPYFILE_FICLONE);
  chmodSync(directory, 0o755);
  return copy;
}

/**
 * Run `body` with what to put in front of a command so that it runs in a network
 * where there is only `lo`, and what the shell script `setup` adds.
 */
export async function inNetwork(setup: string, body: (inside: string[]) => Promise<void>): Promise<void> {
  // It ends with its input, so it cannot outlive the tests.
  const script = `set -e; ip link set lo up; ${setup || ":"}; echo ready; exec cat`;
  await using holder = spawn(["unshare", "--net", "sh", "-c", script], ["pipe", "pipe", "inherit"]);
  const { done } = await holder.stdout.getReader().read();
  if (done) throw new Error(`no network namespace: exit ${await holder.exited}`);
  await body(["nsenter", `--net=/proc/${holder.pid}/ns/net`]);
}
