/** --netns: the socket is of another network namespace, and prog is where it was. */

import { expect } from "bun:test";
import { readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  bind,
  ended,
  executable,
  fatal,
  ok,
  program,
  run,
  scratch,
  spawn,
  testWith,
  until,
} from "./support/harness.ts";
import { asleep, get, listener } from "./support/listener.ts";
import { asNobody, everyonesExecutable, inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

const serve = program("serve.c");
const sockets = program("sockets.c");
const ours = readlinkSync("/proc/self/ns/net");
const namespaceOf = (pid: number) => readlinkSync(`/proc/${pid}/ns/net`);
/** What `inNetwork` puts in front of a command tells where its network is. */
const pathOf = (inside: string[]) => inside[1]!.replace("--net=", "");

/** A name for ip-netns(8) that nobody else has, and what is there when it is disposed of is deleted. */
function named() {
  const name = `socketbinder-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const ip = (...args: string[]) => run(["ip", "netns", ...args]);
  return {
    name,
    path: `/run/netns/${name}`,
    add: () => ip("add", name),
    exec: (...args: string[]) => ip("exec", name, ...args),
    [Symbol.asyncDispose]: async () => void (await ip("delete", name)),
  };
}

testWith([...networkTools, "cc", "curl"], "by /proc/PID/ns/net: clients are inside, prog is not", () =>
  inNetwork("ip address add 198.51.100.1 dev lo", async (inside) => {
    const server = await serve();
    await using served = await listener([`--netns=${pathOf(inside)}`, "198.51.100.1", "0", server, "served"]);
    expect(await get(served.url, inside)).toStartWith("served");
    expect(await get(served.url)).toBeUndefined();
    expect(namespaceOf(served.child.pid)).toBe(ours);
  }),
);

testWith(["root", "ip", "cc", "curl"], "by name, as ip-netns(8) has it", async () => {
  await using network = named();
  expect(await network.add()).toEqual(ok());
  await network.exec("ip", "link", "set", "lo", "up");
  await using served = await listener([`--netns=${network.path}`, "::1", "0", await serve(), "served"]);
  expect(await get(served.url, ["ip", "netns", "exec", network.name])).toStartWith("served");
  expect(await get(served.url)).toBeUndefined();
  expect(namespaceOf(served.child.pid)).toBe(ours);
});

const links = "ip link add inside type veth peer name peer; ip link set inside up; ip link set peer up";

testWith([...networkTools, "cc"], "interfaces and scopes are those of the namespace", () =>
  inNetwork(`${links}; ip address add fe80::77/64 dev inside nodad`, async (inside) => {
    const netns = `--netns=${pathOf(inside)}`;
    const show = await sockets();
    expect(await bind([netns, "--interface=inside", "127.0.0.1", "80", show])).toEqual(
      ok("0 tcp 127.0.0.1 80 listening\n"),
    );
    expect(await bind([netns, "--wait=30", "fe80::77%inside", "80", show])).toEqual(
      ok("0 tcp fe80::77 80 listening\n"),
    );
    expect(await bind(["--interface=inside", "127.0.0.1", "80", "true"])).toEqual(
      fatal("unable to set interface on 127.0.0.1 port 80: No such device"),
    );
    expect(await bind(["fe80::77%inside", "80", "true"])).toEqual(
      fatal("unable to find interface inside: No such device"),
    );
  }),
);

testWith(["root", "ip"], "--wait: a namespace, an interface and an address that come late", async () => {
  await using network = named();
  const args = [`--netns=${network.path}`, "--wait=60", "--interface=late", "198.51.100.1", "80"];
  await using waiting = spawn([executable, ...args, "echo", "executed"], ["ignore", "pipe", "pipe"]);
  await asleep(waiting.pid);
  expect(await network.add()).toEqual(ok());
  await until("the namespace to be entered", () => namespaceOf(waiting.pid) !== ours || undefined);
  await network.exec("ip", "link", "add", "late", "type", "veth", "peer", "name", "peer");
  await network.exec("ip", "address", "add", "198.51.100.1", "dev", "late");
  expect(await ended(waiting)).toEqual(ok("executed\n"));
});

testWith([...networkTools, "cc"], "the same port in several namespaces, passed to one prog", () =>
  inNetwork("", (one) =>
    inNetwork("", async (two) => {
      const port = String(freePort());
      const passing = (inside: string[]) => [
        executable,
        "--listen-fds",
        `--netns=${pathOf(inside)}`,
        "::1",
        port,
      ];
      const { stdout } = await run([
        ...passing(one),
        ...passing(two),
        executable,
        "::1",
        port,
        await sockets(),
      ]);
      const lines = [0, 3, 4].map((fd) => `${fd} tcp ::1 ${port} listening\n`);
      expect(stdout).toStartWith(lines.join(""));
    }),
  ),
);

testWith(
  [...networkTools, "cc"],
  "with --adopt, one that is passed is taken, of whatever namespace it is",
  () =>
    inNetwork("", async (inside) => {
      const port = String(freePort());
      const netns = `--netns=${pathOf(inside)}`;
      const adopt = [executable, "--adopt", netns, "127.0.0.1", port, await sockets()];
      const expected = ok(`0 tcp 127.0.0.1 ${port} listening\n`);
      expect(await bind(["--listen-fds", "127.0.0.1", port, ...adopt])).toEqual(expected);
      expect(await run(adopt)).toEqual(expected);
    }),
);

testWith(["root"], "refused", async () => {
  const plain = join(scratch(), "plain");
  writeFileSync(plain, "");
  const inaccessible = (path: string, reason: string, hint?: string) =>
    fatal(`unable to enter network namespace ${path}: ${reason}`, 111, hint);
  const noNamespace = (path: string) =>
    `${path} is no network namespace, as /run/netns/NAME and /proc/PID/ns/net are`;
  for (const [path, expected] of [
    ["/nonexistent", inaccessible("/nonexistent", "No such file or directory")],
    [
      "blue",
      inaccessible("blue", "No such file or directory", "--netns takes a path, such as /run/netns/blue"),
    ],
    [plain, inaccessible(plain, "Invalid argument", noNamespace(plain))],
    [
      "/proc/self/ns/mnt",
      inaccessible("/proc/self/ns/mnt", "Invalid argument", noNamespace("/proc/self/ns/mnt")),
    ],
    ["/proc", inaccessible("/proc", "Invalid argument", noNamespace("/proc"))],
  ] as const) {
    expect(await bind([`--netns=${path}`, "127.0.0.1", "0", "echo", "executed"])).toEqual(expected);
  }
  expect(await bind(["--wait=0.2", "--netns=/nonexistent", "127.0.0.1", "0", "echo", "executed"])).toEqual(
    inaccessible("/nonexistent", "No such file or directory"),
  );
});

testWith([...networkTools, "setpriv"], "refused without privileges", () =>
  inNetwork("", async (inside) => {
    const path = pathOf(inside);
    const command = [
      ...asNobody,
      everyonesExecutable(),
      "--netns=/proc/self/ns/net",
      "127.0.0.1",
      "0",
      "true",
    ];
    expect(await run(command)).toEqual(
      fatal("unable to enter network namespace /proc/self/ns/net: Operation not permitted"),
    );
    expect(await run(command.map((word) => word.replace("/proc/self/ns/net", path)))).toEqual(
      fatal(`unable to enter network namespace ${path}: Permission denied`),
    );
  }),
);

testWith(["root", "unshare"], "without /proc: said so", async () => {
  const command = ["unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh", executable];
  expect(await run([...command, "--netns=/run/netns/blue", "127.0.0.1", "0", "true"])).toEqual(
    fatal("unable to open our network namespace, /proc/self/ns/net: No such file or directory"),
  );
});
