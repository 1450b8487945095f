/** What is said when the system says no, and that nothing is left behind. */

import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import {
  bind,
  compile,
  executable,
  fatal,
  ok,
  run,
  scratch,
  testWith,
  type Result,
} from "./support/harness.ts";
import { asNobody, everyonesExecutable, inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

const { errno } = constants;
const AF_INET = 2;
const AF_INET6 = 10;
const SOL_SOCKET = 1;
const IPPROTO_IPV6 = 41;

const temporary = scratch();

/** Run our executable where every file that it might leave is seen. */
async function bindCleanly(args: string[]): Promise<Result> {
  const directory = mkdtempSync(join(temporary, "cwd-"));
  const env = { PATH: process.env["PATH"]!, HOME: directory, TMPDIR: directory };
  const result = await bind(args, { cwd: directory, env });
  expect(readdirSync(directory)).toEqual([]);
  return result;
}

test.each<[string, string[], string]>([
  ["TCP, IPv4", [], "127.0.0.1"],
  ["TCP, IPv6", [], "::1"],
  ["TCP, without SO_REUSEADDR", ["-D"], "127.0.0.1"],
  ["UDP, IPv4", ["-D", "-m", "-b0"], "127.0.0.1"],
  ["UDP, IPv6", ["-D", "-m", "-b0"], "::1"],
])("the port is in use: %s", async (_, options, ip) => {
  const port = String(freePort());
  const args = [...options, ip, port];
  const inner = [executable, ...args, "true"];
  // The first socket moves to fd 3, and stays there for as long as the second one is tried.
  const result = await bindCleanly([...args, "sh", "-c", 'exec "$@" 3<&0', "sh", ...inner]);
  expect(result).toEqual(fatal(`unable to bind to ${ip} port ${port} : Address already in use`));
  expect(await bind(["-D", ...args, "true"])).toEqual(ok());
});

test.each<[string, string[], string, string]>([
  ["IPv4, nobody's address", [], "192.0.2.1", "bind to 192.0.2.1 port {} : Cannot assign requested address"],
  [
    "IPv6, nobody's address",
    [],
    "2001:db8::1",
    "bind to 2001:db8::1 port {} : Cannot assign requested address",
  ],
  [
    "a UDP socket cannot listen",
    ["-m"],
    "127.0.0.1",
    "listen to 127.0.0.1 port {} : Operation not supported",
  ],
  ["a UDP socket cannot listen, IPv6", ["-m"], "::1", "listen to ::1 port {} : Operation not supported"],
])("%s", async (_, options, ip, message) => {
  const port = String(freePort());
  const result = await bindCleanly([...options, ip, port, "true"]);
  expect(result).toEqual(fatal(`unable to ${message.replace("{}", port)}`));
  const own = ip.includes(":") ? "::1" : "127.0.0.1";
  expect(await bind(["-D", ...options, "-b0", own, port, "true"])).toEqual(ok());
});

// Where bind() says no more than "Invalid argument", a line before that says what would be right.
test.each<[string, string[], string]>([
  ["fe80::1234", [], "a link-local address needs its interface, such as fe80::1234%eth0"],
  ["fe80::1234", ["-m", "-b0"], "a link-local address needs its interface, such as fe80::1234%eth0"],
  ["ff02::1", ["-m", "-b0"], "a link-local address needs its interface, such as ff02::1%eth0"],
  ["ff05::1", [], "ff05::1 is a multicast address, which takes a UDP socket (-m)"],
  ["::ffff:127.0.0.1", [], "::ffff:127.0.0.1 is an IPv4 address: say 127.0.0.1, or add --dual-stack"],
  ["::ffff:7f00:1", ["-D"], "::ffff:7f00:1 is an IPv4 address: say 127.0.0.1, or add --dual-stack"],
])("%s with %j: what would be right", async (ip, options, hint) => {
  const result = await bindCleanly([...options, ip, "0", "true"]);
  expect(result).toEqual(fatal(`unable to bind to ${ip} port 0 : Invalid argument`, 111, hint));
});

test("what the hint says is right: ::ffff:127.0.0.1 with --dual-stack", async () => {
  expect(await bind(["--dual-stack", "::ffff:127.0.0.1", "0", "true"])).toEqual(ok());
});

testWith([...networkTools, "setpriv"], "a low port, as nobody", () =>
  inNetwork("", async (inside) => {
    const binder = everyonesExecutable();
    for (const [options, ip] of [
      [[], "127.0.0.1"],
      [[], "::1"],
      [["-m", "-b0"], "::1"],
    ] as const) {
      const result = await run([...inside, ...asNobody, binder, ...options, ip, "80", "true"]);
      expect(result).toEqual(fatal(`unable to bind to ${ip} port 80 : Permission denied`));
      expect(await run([...inside, binder, "-D", ...options, ip, "80", "true"])).toEqual(ok());
    }
  }),
);

testWith(networkTools, "IPv6 is disabled", () =>
  inNetwork("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6", async (inside) => {
    const result = await run([...inside, executable, "::1", "80", "true"]);
    expect(result).toEqual(fatal("unable to bind to ::1 port 80 : Cannot assign requested address"));
    expect(await run([...inside, executable, "127.0.0.1", "80", "true"])).toEqual(ok());
  }),
);

const noNetwork = (reason: string) => fatal(`unable to create socket: ${reason}`);

testWith(["cc"], "the kernel refuses a system call", async () => {
  const refuse = await compile("refuse.c", scratch());
  const rows: [string, number, number, number, string, Result][] = [
    ["socket", 0, AF_INET6, errno.EAFNOSUPPORT, "::1", noNetwork("Address family not supported by protocol")],
    ["socket", 0, AF_INET6, errno.EAFNOSUPPORT, "127.0.0.1", ok()],
    ["socket", 0, AF_INET, errno.EMFILE, "127.0.0.1", noNetwork("Too many open files")],
    ["socket", 0, AF_INET, errno.ENFILE, "127.0.0.1", noNetwork("Too many open files in system")],
    ["socket", 0, AF_INET, errno.EPERM, "127.0.0.1", noNetwork("Operation not permitted")],
    ["setsockopt", 1, IPPROTO_IPV6, errno.ENOPROTOOPT, "::1", noNetwork("Protocol not available")],
    // Without SO_REUSEADDR a socket is still a socket.
    ["setsockopt", 1, SOL_SOCKET, errno.ENOPROTOOPT, "127.0.0.1", ok()],
    [
      "listen",
      0,
      0,
      errno.EADDRINUSE,
      "::1",
      fatal("unable to listen to ::1 port {} : Address already in use"),
    ],
  ];
  for (const [call, index, value, error, ip, expected] of rows) {
    const port = String(freePort());
    const refused = [refuse, call, index, value, error].map(String);
    const result = await run([...refused, executable, ip, port, "true"]);
    expect(result).toEqual({ ...expected, stderr: expected.stderr.replace("{}", port) });
    expect(await bind(["-D", ip, port, "true"])).toEqual(ok());
  }
});

// With fewer, the dynamic loader fails, as it does for every program.
testWith(["prlimit"], "one descriptor to spare is enough", async () => {
  expect(await run(["prlimit", "--nofile=4", executable, "127.0.0.1", "0", "true"])).toEqual(ok());
});
