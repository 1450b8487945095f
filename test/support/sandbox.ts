/** Where the services of examples/ run as they are: with port 80, /srv, /var/log and /run of their own. */

import { dirname, join } from "node:path";
import { executable, root, spawn } from "./harness.ts";

/** What `inSandbox` needs: see `testWith`. */
export const sandboxTools = ["root", "unshare", "nsenter", "ip", "node", "curl"];

/** What the services of examples/http.js answer to. */
export const urls = ["http://127.0.0.1/", "http://[::1]/"];
export const answer = "GET /, on a socket that was there before this server\n";

const setup = `set -e
ip link set lo up
for directory in /srv /var/log /run; do mount -t tmpfs -o mode=755 tmpfs $directory; done
cp ${join(root, "examples/http.js")} /srv/http.mjs
cp ${join(root, "examples/syslog.js")} /srv/syslog.mjs
"$@" >/dev/null &
echo ready
exec cat`;

interface Sandbox {
  /** What to put in front of a command, so that it runs on the sandbox's network. */
  inside: string[];
  /** The sandbox's root directory. */
  files: string;
}

/** Run `body` while `command` runs, with our executable first on its PATH; then end all its processes. */
export async function inSandbox(command: string[], body: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
  // The first process ends with its input, and all others in there end with it.
  const env = { ...process.env, PATH: `${dirname(executable)}:${process.env["PATH"]}` };
  const unshare = ["unshare", ...namespaces, "sh", "-c", setup, "sh", ...command];
  await using holder = spawn(unshare, ["pipe", "pipe", "inherit"], { env });
  try {
    const { done } = await holder.stdout.getReader().read();
    if (done) throw new Error(`no sandbox: exit ${await holder.exited}`);
    await body({
      inside: ["nsenter", `--net=/proc/${holder.pid}/ns/net`],
      files: `/proc/${holder.pid}/root`,
    });
  } finally {
    await holder.stdin.end();
    await holder.exited;
  }
}
