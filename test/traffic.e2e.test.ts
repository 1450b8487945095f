/** What socket options do to those who connect. */

import { expect } from "bun:test";
import { bind, executable, fatal, program, run, testWith, until } from "./support/harness.ts";
import { get, listener } from "./support/listener.ts";
import { inNetwork, networkTools } from "./support/network.ts";

/** It answers with a word and a number. */
const server = program("serve.c");
const withoutIPv6 = program("without-ipv6.c");

testWith(["cc", "curl"], "--reuse-port: two binders share the connections to a port", async () => {
  const serve = await server();
  await using one = await listener(["--reuse-port", "127.0.0.1", "0", serve, "one"]);
  await using two = await listener(["--reuse-port", "127.0.0.1", one.port, serve, "two"]);
  expect(two.port).toBe(one.port);
  const words = new Set<string>();
  await until("an answer of each", async () => {
    words.add((await get(one.url))?.split(" ")[0] ?? "none");
    return words.size > 1 || undefined;
  });
  expect([...words].sort()).toEqual(["one", "two"]);
  expect(await bind(["127.0.0.1", one.port, "echo", "executed"])).toEqual(
    fatal(`unable to bind to 127.0.0.1 port ${one.port} : Address already in use`),
  );
});

testWith(["cc", "curl"], "--dual-stack: IPv4 clients come to ::, and only with it", async () => {
  const serve = await server();
  await using both = await listener(["--dual-stack", "::", "0", serve, "both"]);
  expect(both.ip).toBe("::");
  expect(await get(`http://127.0.0.1:${both.port}/`)).toBe("both 1\n");
  expect(await get(`http://[::1]:${both.port}/`)).toBe("both 2\n");

  await using six = await listener(["::", "0", serve, "six"]);
  expect(await get(`http://127.0.0.1:${six.port}/`)).toBeUndefined();
  expect(await get(`http://[::1]:${six.port}/`)).toBe("six 1\n");
});

testWith(["cc", "curl"], "--dual-stack :: without IPv6 in the kernel: 0.0.0.0", async () => {
  const hide = await withoutIPv6();
  await using four = await listener(["--dual-stack", "--ttl=9", "::", "0", await server(), "four"], [hide]);
  expect(four.ip).toBe("0.0.0.0");
  expect(await get(`http://127.0.0.1:${four.port}/`)).toBe("four 1\n");
  for (const args of [["--dual-stack", "::1"], ["::"]]) {
    expect(await run([hide, executable, ...args, "0", "echo", "executed"])).toEqual(
      fatal("unable to create socket: Address family not supported by protocol"),
    );
  }
});

testWith([...networkTools, "cc", "curl"], "--dual-stack :: where IPv6 is switched off", async () => {
  await inNetwork("echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6", async (inside) => {
    await using both = await listener(["--dual-stack", "::", "0", await server(), "both"], inside);
    expect(await get(`http://127.0.0.1:${both.port}/`, inside)).toBe("both 1\n");
  });
});

for (const [option, ip] of [
  ["free-bind", "198.51.100.1"],
  ["free-bind", "2001:db8::1"],
  ["transparent", "198.51.100.1"],
  ["transparent", "2001:db8::1"],
] as const) {
  testWith([...networkTools, "cc", "curl"], `--${option}: ${ip} comes later`, async () => {
    await inNetwork("", async (inside) => {
      const refused = await run([...inside, executable, ip, "8000", "echo", "executed"]);
      expect(refused).toEqual(fatal(`unable to bind to ${ip} port 8000 : Cannot assign requested address`));
      await using early = await listener([`--${option}`, ip, "0", await server(), "early"], inside);
      expect(await get(early.url, inside)).toBeUndefined();
      await run([...inside, "ip", "address", "add", ip, "dev", "lo"]);
      expect(await get(early.url, inside)).toBe("early 1\n");
    });
  });
}

testWith([...networkTools, "cc", "curl"], "--interface: connections through this one alone", async () => {
  const pair = "ip link add one type veth peer name two && ip link set one up && ip link set two up";
  const addresses = "ip address add fe80::1/64 dev one nodad && ip address add fe80::2/64 dev two nodad";
  await inNetwork(`${pair} && ${addresses}`, async (inside) => {
    await using lo = await listener(["--interface=lo", "::", "0", await server(), "lo"], inside);
    await using one = await listener(["--interface=one", "::", "0", await server(), "one"], inside);
    expect(await get(`http://[::1]:${lo.port}/`, inside)).toBe("lo 1\n");
    expect(await get(`http://[::1]:${one.port}/`, inside)).toBeUndefined();
    const through = (port: string) => `http://[fe80::1%25two]:${port}/`;
    expect(await get(through(one.port), inside)).toBe("one 1\n");
    expect(await get(through(lo.port), inside)).toBeUndefined();
  });
});
