/** --notify: a service manager is told that the service is ready, as sd_notify(3) does it. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, executable, fatal, ok, run, scratch, sh, testWith } from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

/** A service manager: it starts a service, and shows what it is told, and by whom. */
const manager = `import os, socket, struct, subprocess, sys
address, *command = sys.argv[1:]
notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notified.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
notified.bind("\\0" + address[1:] if address[0] == "@" else address)
service = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": address})
service.wait()
notified.setblocking(False)
try:
    while True:
        message, data, _, _ = notified.recvmsg(4096, 128)
        pid = struct.unpack("3i", data[0][2])[0]
        print(message.decode(), "by the service" if pid == service.pid else "by another", flush=True)
except BlockingIOError:
    print("exit", service.returncode)`;
const managed = (address: string, command: string[]) => run(["python3", "-c", manager, address, ...command]);

const ready = (before = "", exit = 0) => ok(`${before}READY=1 by the service\nexit ${exit}\n`);
const notify = [executable, "--notify", "127.0.0.1", "0"];
const abstract = () => `@socketbinder-${process.pid}-${Math.random()}`;
const path = () => join(scratch(), "notify");
const longest = () => {
  const directory = scratch();
  return join(directory, "n".repeat(107 - directory.length - 1));
};

for (const [kind, address] of [
  ["a path", path],
  ["an abstract name", abstract],
  ["the longest path", longest],
  ["a path that is not UTF-8 but bytes", () => join(scratch(), "n\u00e9")],
] as const)
  testWith(["python3"], `${kind}: told once, with the pid of prog`, async () => {
    expect(await managed(address(), [...notify, "echo", "executed"])).toEqual(ready("executed\n"));
  });

testWith(["python3"], "the environment stays as it is, for a prog that notifies, too", async () => {
  const address = path();
  expect(await managed(address, [...notify, "sh", "-c", "echo $NOTIFY_SOCKET"])).toEqual(
    ready(`${address}\n`),
  );
});

testWith(["python3"], "with a report: after that", async () => {
  const file = join(scratch(), "report");
  const port = String(freePort());
  const command = [
    executable,
    "--notify",
    `--report-file=${file}`,
    "--report-fd=1",
    "127.0.0.1",
    port,
    "true",
  ];
  expect(await managed(path(), command)).toEqual(ready(`127.0.0.1 ${port}\n`));
  expect(readFileSync(file, "utf8")).toBe(`127.0.0.1 ${port}\n`);
});

testWith(["python3"], "not told where the socket cannot be bound, or prog cannot be executed", async () => {
  using busy = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  for (const [args, exit] of [
    [["127.0.0.1", String(busy.port), "true"], 111],
    [["127.0.0.1", "0", "/nonexistent"], 127],
    [["127.0.0.1", "0", "/etc/passwd"], 126],
  ] as const) {
    const { stdout } = await managed(path(), [executable, "--notify", ...args]);
    expect([args, stdout]).toEqual([args, `exit ${exit}\n`]);
  }
});

testWith([...networkTools, "python3"], "with --netns: an abstract name is one of ours", () =>
  inNetwork("", async (inside) => {
    const netns = inside[1]!;
    const command = [executable, "--notify", netns.replace("--net", "--netns"), "127.0.0.1", "0", "true"];
    expect(await managed(abstract(), command)).toEqual(ready());
  }),
);

test("without NOTIFY_SOCKET, or with an empty one, nothing is done", async () => {
  const { NOTIFY_SOCKET: _, ...env } = process.env;
  for (const variables of [env, { ...env, NOTIFY_SOCKET: "" }]) {
    expect(await bind(["--notify", "127.0.0.1", "0", "echo", "executed"], { env: variables })).toEqual(
      ok("executed\n"),
    );
  }
});

test("refused: told why, and a report is taken back", async () => {
  const directory = scratch();
  const missing = join(directory, "missing");
  const plain = join(directory, "plain");
  writeFileSync(plain, "");
  const tooLong = `/${"n".repeat(107)}`;
  for (const [address, message] of [
    [missing, `unable to notify ${missing}: No such file or directory`],
    [plain, `unable to notify ${plain}: Connection refused`],
    ["@nobody-listens-here", "unable to notify @nobody-listens-here: Connection refused"],
    [tooLong, `unable to notify ${tooLong}: File name too long`],
    ["run/notify", "NOTIFY_SOCKET is run/notify, and must be an absolute path, or @ and an abstract name"],
    [
      "vsock:2:1234",
      "NOTIFY_SOCKET is vsock:2:1234, and must be an absolute path, or @ and an abstract name",
    ],
  ] as const) {
    const report = join(directory, "report");
    const args = ["--notify", `--report-file=${report}`, "127.0.0.1", "0", "echo", "executed"];
    const result = await bind(args, { env: { ...process.env, NOTIFY_SOCKET: address } });
    expect([address, result]).toEqual([address, fatal(message)]);
    expect(existsSync(report)).toBe(false);
  }
});

testWith(["python3"], "whichever descriptors are closed, nothing but the socket is left open", async () => {
  const directory = scratch();
  for (const closing of ["", "<&-", "2>&-", "<&- 2>&-"]) {
    const file = join(directory, "descriptors");
    const list = 'set -- /proc/$$/fd/*; echo "${@##*/}" >&1';
    const script = `exec "$@" --notify 127.0.0.1 0 sh -c '${list}' ${closing} >${file}`;
    const told = await managed(path(), ["sh", "-c", script, "sh", executable]);
    expect([closing, told]).toEqual([closing, ready()]);
    const plain = await sh(`exec sh -c '${list}' 0</dev/null ${closing.replace("<&-", "")} >${file}.direct`);
    expect(plain.exit).toBe(0);
    expect([closing, readFileSync(file, "utf8")]).toEqual([closing, readFileSync(`${file}.direct`, "utf8")]);
  }
});
