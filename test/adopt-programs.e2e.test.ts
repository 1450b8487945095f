/** --adopt behind programs that are not ours, and pass a socket. */

import { expect } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import {
  compile,
  executable,
  name,
  ok,
  root,
  run,
  scratch,
  spawn,
  testWith,
  until,
} from "./support/harness.ts";
import { get } from "./support/listener.ts";
import { asNobody } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

testWith(["curl", "node", "systemd-socket-activate"], "systemd-socket-activate: on stdin", async () => {
  const port = String(freePort());
  const activate = ["systemd-socket-activate", `--listen=127.0.0.1:${port}`, "-E", "PATH"];
  const serve = [executable, "--adopt", "127.0.0.1", port, "node", join(root, "examples/http.js")];
  await using _server = spawn([...activate, ...serve], ["ignore", "ignore", "ignore"]);
  // The connection that starts it is served, too.
  expect(await until("an answer", () => get(`http://127.0.0.1:${port}/a`))).toStartWith("GET /a");
});

testWith(["curl", "node", "systemd-socket-activate"], "systemd-socket-activate: by name", async () => {
  const [first, second] = [String(freePort()), String(freePort())];
  const listen = [`--listen=127.0.0.1:${first}`, `--listen=127.0.0.1:${second}`, "--fdname=x:y"];
  const adopt = (name: string, port: string) => [
    executable,
    "--adopt",
    "--listen-fds",
    `--fd-name=${name}`,
    "127.0.0.1",
    port,
  ];
  const serve = ["node", join(root, "examples/listen-fds.js")];
  const command = [...adopt("admin", first), ...adopt("public", second), ...serve];
  await using _server = spawn(
    ["systemd-socket-activate", ...listen, "-E", "PATH", ...command],
    ["ignore", "ignore", "ignore"],
  );
  expect(await until("an answer", () => get(`http://127.0.0.1:${second}/`))).toBe("Welcome\n");
  expect(await get(`http://127.0.0.1:${first}/`)).toStartWith("Up for ");
});

/** Without an image, and without what takes privileges that containers of tests may not have. */
const podman = (state: string, files: string, network: string) => [
  ...["podman", `--root=${state}/root`, `--runroot=${state}/run`, "--storage-driver=vfs"],
  ...["--runtime=runc", "--cgroup-manager=cgroupfs", "run", "--rm", `--network=${network}`],
  ...["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000", "--rootfs", files],
];

testWith(["root", "podman", "runc", "cc"], "podman: a socket of the host's network", async () => {
  const port = String(freePort());
  const files = join(scratch(), "container");
  mkdirSync(files);
  copyFileSync(executable, join(files, "binder"));
  chmodSync(join(files, "binder"), 0o755);
  await compile("sockets.c", files, ["cc", "-static"]);
  const passed = [executable, "--listen-fds", "--fd-name=web"];
  const inside = ["/binder", "--adopt", "127.0.0.1", port, "/sockets"];
  const container = podman(scratch(), files, "none");
  const command = [...passed, "127.0.0.1", port, ...passed, "127.0.0.2", port, ...container, ...inside];
  const lines = [
    `0 tcp 127.0.0.1 ${port} listening`,
    `3 tcp 127.0.0.2 ${port} listening blocking`,
    ...["LISTEN_PID=ours", "LISTEN_FDS=1", "LISTEN_FDNAMES=web", ""],
  ];
  expect(await run(command)).toEqual(ok(lines.join("\n")));
});

/** What a unit of examples/podman/ says. */
function setting(file: string, name: string): string {
  const unit = readFileSync(join(root, "examples/podman", file), "utf8");
  return new RegExp(`^${name}=(.*)$`, "m").exec(unit)?.[1] ?? "";
}

testWith(
  ["root", "setpriv", "podman", "runc", "cc", "curl"],
  "examples/podman/, rootless: the server sees its client's address",
  async () => {
    const port = String(freePort());
    const home = scratch();
    const files = join(home, "container");
    mkdirSync(files);
    copyFileSync(executable, join(files, name));
    chmodSync(join(files, name), 0o755);
    renameSync(await compile("peer.c", files, ["cc", "-static"]), join(files, "http"));
    expect(await run(["chown", "-R", "65534:65534", home])).toEqual(ok());
    const listen = setting("http.socket", "ListenStream");
    const exec = setting("http.container", "Exec").split(" ");
    expect(exec).toContain(listen);
    // What systemd does with the socket unit.
    const passing = [executable, "--listen-fds", "--dual-stack", "::", port, ...asNobody];
    const container = podman(home, files, setting("http.container", "Network"));
    const command = [...passing, ...container, ...exec.map((word) => (word === listen ? port : word))];
    const env = { ...process.env, HOME: home, XDG_RUNTIME_DIR: home };
    await using server = spawn(command, ["ignore", "ignore", "ignore"], { env, cwd: "/" });
    const ask = (client: string) => get(`http://127.0.0.1:${port}/`, [], ["--interface", client]);
    try {
      for (const client of ["127.0.0.1", "127.0.0.77"]) {
        expect(await until("an answer", () => ask(client), 30)).toBe(`::ffff:${client}\n`);
      }
    } finally {
      // Killed, podman would leave the container; and it leaves a process in any case.
      await get(`http://127.0.0.1:${port}/end`);
      await server.exited;
      process.kill(Number(readFileSync(join(home, "libpod/tmp/pause.pid"), "utf8")));
    }
  },
  60_000,
);
