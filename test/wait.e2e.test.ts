/** --wait: bind() and listen() are tried again while it may help. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ended, executable, fatal, name, ok, run, scratch, spawn, testWith } from "./support/harness.ts";
import { asleep } from "./support/listener.ts";
import { inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

/** A port of 127.0.0.1 that is in use, until it is disposed of. */
function busyPort() {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  return { port: `${listener.port}`, [Symbol.dispose]: () => listener.stop(true) };
}

/** Start our executable; `result` is what it says, and how long it takes. */
function attempt(args: string[], inside: string[] = []) {
  const began = performance.now();
  const child = spawn([...inside, executable, ...args], ["ignore", "pipe", "pipe"]);
  const result = ended(child).then((result) => ({ ...result, seconds: (performance.now() - began) / 1000 }));
  return { child, result, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

const inUse = (port: string) => fatal(`unable to bind to 127.0.0.1 port ${port} : Address already in use`);
const executed = ok("executed\n");

test.each([
  ["tcp", []],
  ["udp", ["--udp", "--backlog=0"]],
] as const)("a %s port that becomes free", async (protocol, options) => {
  const address = { hostname: "127.0.0.1", port: freePort() };
  const busy =
    protocol === "tcp" ? Bun.listen({ ...address, socket: { data() {} } }) : await Bun.udpSocket(address);
  const args = ["--wait=60", ...options, "-D", "127.0.0.1", `${address.port}`, "echo", "executed"];
  await using waiting = attempt(args);
  await asleep(waiting.child.pid);
  expect(waiting.child.exitCode).toBeNull();
  "stop" in busy ? busy.stop(true) : busy.close();
  expect(await waiting.result).toMatchObject(executed);
});

test.each([
  ["0", 0],
  ["0.3", 0.3],
  ["1", 1],
  ["000000001.250", 1.25],
])("a port that never does: after %s seconds", async (wait, seconds) => {
  using busy = busyPort();
  await using waiting = attempt([`--wait=${wait}`, "127.0.0.1", busy.port, "echo", "executed"]);
  const result = await waiting.result;
  expect(result).toMatchObject(inUse(busy.port));
  expect(result.seconds).toBeGreaterThanOrEqual(seconds);
  // Generous, for a machine that has other things to do.
  expect(result.seconds).toBeLessThan(seconds + 3);
});

// Two that wait may both bind, with SO_REUSEADDR: then one of them cannot listen as long as the other does.
const cannotListen = fatal("unable to listen to 127.0.0.1 port 0 : Address already in use");
for (const [times, when, wait, expected, seconds] of [
  ["twice", "1..2", "60", executed, 0],
  ["for too long", "1+", "1", cannotListen, 1],
] as const) {
  testWith(["strace"], `a port that is in use when it comes to listening, ${times}`, async () => {
    const strace = ["strace", "-o", "/dev/null", "-e", `inject=listen:error=EADDRINUSE:when=${when}`];
    await using waiting = attempt([`--wait=${wait}`, "127.0.0.1", "0", "echo", "executed"], strace);
    const result = await waiting.result;
    expect(result).toMatchObject(expected);
    expect(result.seconds).toBeGreaterThan(seconds);
  });
}

test("waiting costs next to nothing", async () => {
  using busy = busyPort();
  const cpuTime = async (wait: string) => {
    await using waiting = attempt([`--wait=${wait}`, "127.0.0.1", busy.port, "true"]);
    await waiting.result;
    // In microseconds.
    return Number(waiting.child.resourceUsage()?.cpuTime.total) / 1e6;
  };
  const [without, with_] = [await cpuTime("0"), await cpuTime("2")];
  expect(with_ - without).toBeLessThan(0.1);
});

test("a port that is free is not waited for", async () => {
  await using waiting = attempt(["--wait=60", "127.0.0.1", "0", "echo", "executed"]);
  const result = await waiting.result;
  expect(result).toMatchObject(executed);
  expect(result.seconds).toBeLessThan(10);
});

test("an error that waiting does not help is one at once", async () => {
  await using waiting = attempt(["--wait=60", "--congestion=nonesuch", "127.0.0.1", "0", "echo", "executed"]);
  const result = await waiting.result;
  expect(result).toMatchObject({ exit: 111, stdout: "" });
  expect(result.seconds).toBeLessThan(10);
});

test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const)("%s ends it", async (signal) => {
  using busy = busyPort();
  await using waiting = attempt(["--wait=60", "127.0.0.1", busy.port, "echo", "executed"]);
  await asleep(waiting.child.pid);
  waiting.child.kill(signal);
  const result = await waiting.result;
  expect([result.stdout, result.stderr, waiting.child.signalCode]).toEqual(["", "", signal]);
  expect(result.seconds).toBeLessThan(10);
});

for (const [ip, how] of [
  ["198.51.100.1", "dev lo"],
  ["2001:db8::1", "dev lo nodad"],
  // Until the kernel knows that nobody else has it, it cannot be used.
  ["2001:db8::2", "dev one"],
] as const) {
  testWith(networkTools, `an address that is added meanwhile: ${ip} ${how}`, async () => {
    const links = "ip link add one type veth peer name two; ip link set one up; ip link set two up";
    await inNetwork(links, async (inside) => {
      await using waiting = attempt(["--wait=60", ip, "8000", "echo", "executed"], inside);
      await asleep(waiting.child.pid, name.slice(0, 15));
      await run([...inside, "ip", "address", "add", ip, ...how.split(" ")]);
      expect(await waiting.result).toMatchObject(executed);
    });
  });
}

testWith(networkTools, "an address that never comes", async () => {
  await inNetwork("", async (inside) => {
    await using waiting = attempt(["--wait=0.3", "198.51.100.1", "8000", "echo", "executed"], inside);
    expect(await waiting.result).toMatchObject(
      fatal("unable to bind to 198.51.100.1 port 8000 : Cannot assign requested address"),
    );
  });
});

/** Interfaces that come late: where to bind on one, as one might have it in a service. */
const late: [where: string, args: string[]][] = [
  ["the scope of an address, by name", ["fe80::77%late", "8000"]],
  ["the scope of an address, by index", ["fe80::77%77", "8000"]],
  ["--interface", ["--interface=late", "0.0.0.0", "8000"]],
  ["--interface, for IPv6", ["--interface=late", "--udp", "-b0", "::", "8000"]],
  ["--interface, and an address of it", ["--interface=late", "198.51.100.7", "8000"]],
  ["--interface, and its scope", ["--interface=late", "fe80::77%late", "8000"]],
];

/** Make it, or make it anew under another index. */
const makeLate = (index: number) => `
  ip link add late index ${index} type veth peer name peer
  ip address add fe80::77/64 dev late nodad && ip address add 198.51.100.7/24 dev late
  ip link set late up && ip link set peer up`;

const peers = (inside: string[], script: string) => run([...inside, "sh", "-ec", script]);

for (const [where, args] of late) {
  testWith(networkTools, `an interface that is added meanwhile: ${where}`, async () => {
    await inNetwork("", async (inside) => {
      // At once, as ever.
      const without = await run([...inside, executable, ...args, "echo", "executed"]);
      expect(without).toMatchObject({ stdout: "", exit: 111 });
      expect(without.stderr).toEndWith(`: No such device\n`);

      await using waiting = attempt(["--wait=60", ...args, "echo", "executed"], inside);
      await asleep(waiting.child.pid, name.slice(0, 15));
      expect(await peers(inside, makeLate(77))).toEqual(ok());
      expect(await waiting.result).toMatchObject(ok("executed\n"));
    });
  });
}

testWith(networkTools, "an interface that comes back as another", async () => {
  await inNetwork("ip link add late index 77 type veth peer name peer", async (inside) => {
    for (const [, args] of late.filter(([where]) => /name|its scope/.test(where))) {
      await using waiting = attempt(["--wait=60", ...args, "echo", "executed"], inside);
      // Without the address, so it waits.
      await asleep(waiting.child.pid, name.slice(0, 15));
      expect(await peers(inside, `ip link delete late; ${makeLate(88)}`)).toEqual(ok());
      expect(await waiting.result).toMatchObject(ok("executed\n"));
      await peers(inside, "ip link delete late; ip link add late index 77 type veth peer name peer");
    }
  });
});

testWith(networkTools, "an interface that never comes: the reason, when time is over", async () => {
  await inNetwork("", async (inside) => {
    for (const [args, message] of [
      [["fe80::77%late", "8000"], "unable to find interface late: No such device"],
      [["fe80::77%77", "8000"], "unable to bind to fe80::77%77 port 8000 : No such device"],
      [["--interface=late", "::", "8000"], "unable to set interface on :: port 8000: No such device"],
    ] as const) {
      await using waiting = attempt(["--wait=0.3", ...args, "echo", "executed"], inside);
      const ended = await waiting.result;
      expect(ended).toMatchObject(fatal(message));
      expect(ended.seconds).toBeGreaterThanOrEqual(0.3);
    }
  });
});

testWith(
  ["strace"],
  "each attempt leaves nothing open, and the socket is the same one in the end",
  async () => {
    using busy = busyPort();
    const trace = join(scratch(), "trace");
    const strace = ["strace", "-o", trace, "-e", "trace=socket,close"];
    await using waiting = attempt(["--wait=0.3", "--fd=7", "127.0.0.1", busy.port, "true"], strace);
    expect((await waiting.result).exit).toBe(111);
    const numbers = readFileSync(trace, "utf8").match(/^socket\(.* = \d+$/gm) ?? [];
    expect(numbers.length).toBeGreaterThan(3);
    expect(new Set(numbers.map((line) => line.replace(/.* = /, ""))).size).toBe(1);
  },
);
