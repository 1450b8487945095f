/** --adopt behind programs that are not ours, and pass a socket. */

import { expect } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { compile, executable, ok, root, run, scratch, spawn, testWith, until } from "./support/harness.ts";
import { get } from "./support/listener.ts";
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

/** Without a network, an image, or what takes privileges that containers of tests may not have. */
const podman = (state: string, files: string) => [
  ...["podman", `--root=${state}/root`, `--runroot=${state}/run`, "--storage-driver=vfs"],
  ...["--runtime=runc", "--cgroup-manager=cgroupfs", "run", "--rm", "--network=none"],
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
  expect(
    await run([
      ...passed,
      "127.0.0.1",
      port,
      ...passed,
      "127.0.0.2",
      port,
      ...podman(scratch(), files),
      ...inside,
    ]),
  ).toEqual(
    ok(
      [
        `0 tcp 127.0.0.1 ${port} listening`,
        `3 tcp 127.0.0.2 ${port} listening blocking`,
        ...["LISTEN_PID=ours", "LISTEN_FDS=1", "LISTEN_FDNAMES=web", ""],
      ].join("\n"),
    ),
  );
});
