/** IPv6: V6ONLY, and scopes on interfaces in a network of the test's own. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  bind,
  compile,
  executable,
  fatal,
  name,
  ok,
  root,
  run,
  scratch,
  start,
  testWith,
  until,
} from "./support/harness.ts";
import { inNetwork, networkTools } from "./support/network.ts";
import { freePort } from "./support/ports.ts";

/** Two interfaces with the same address, and one whose name is a number. */
const links = `ip link add west type veth peer name east; ip link add 1 type veth peer name numbers
  for link in west east 1; do
    ip address add fe80::1/64 dev $link nodad; ip link set $link up
  done; ip link set numbers up`;

/** Keep the socket as fd 3, and execute the rest. */
const keep = ["sh", "-c", 'exec "$@" 3<&0', "sh"];

test.each<[string, string[]]>([
  ["TCP", ["-D"]],
  ["UDP", ["-D", "-m", "-b0"]],
])("V6ONLY: :: leaves the port of 0.0.0.0 free: %s", async (_, options) => {
  const port = String(freePort());
  const second = [...keep, executable, ...options];
  expect(await bind([...options, "::", port, ...second, "0.0.0.0", port, "true"])).toEqual(ok());
  expect(await bind([...options, "::", port, ...second, "::", port, "true"])).toEqual(
    fatal(`unable to bind to :: port ${port} : Address already in use`),
  );
});

testWith(["cc", ...networkTools], "a scope is the name or the index of an interface", async () => {
  const probe = await compile("probe.c", scratch());
  await inNetwork(links, async (inside) => {
    const { stdout } = await run([...inside, "ip", "-o", "link"]);
    const index = (link: string) => Number(stdout.match(RegExp(`^(\\d+): ${link}[@:]`, "m"))?.[1]);
    const [west, east, one] = [index("west"), index("east"), index("1")];
    for (const [options, ip, address, scope] of [
      [[], "fe80::1%west", "fe80::1", west],
      [[], "fe80::1%east", "fe80::1", east],
      [[], `fe80::1%${west}`, "fe80::1", west],
      [[], `fe80:0:0::0001%0${east}`, "fe80::1", east],
      [["-mb0"], "fe80::1%east", "fe80::1", east],
      [["-mb0"], "ff02::1234%west", "ff02::1234", west],
      // A name goes before an index.
      [[], "fe80::1%1", "fe80::1", one],
    ] as const) {
      const result = await run([...inside, executable, ...options, ip, "80", probe]);
      expect({ ip, stderr: result.stderr }).toEqual({ ip, stderr: "" });
      const { socket } = JSON.parse(result.stdout);
      expect(socket).toMatchObject({ family: "inet6", ip: address, port: "80", scope, v6only: 1 });
    }
  });
});

testWith(networkTools, "each interface has ports of its own", () =>
  inNetwork(links, async (inside) => {
    const first = [...inside, executable, "-D", "fe80::1%west", "80", ...keep, executable, "-D"];
    expect(await run([...first, "fe80::1%east", "80", "true"])).toEqual(ok());
    expect(await run([...first, "fe80::1%west", "80", "true"])).toEqual(
      fatal("unable to bind to fe80::1%west port 80 : Address already in use"),
    );
  }),
);

testWith([...networkTools, "node", "socat"], "a client over a link-local address", () =>
  inNetwork(links, async (inside) => {
    const http = join(root, "examples/http.js");
    await using _server = start([...inside, executable, "fe80::1%west", "80", "node", http]);
    const get = [...inside, "socat", "-t10", "-", "TCP6:[fe80::1%west]:80"];
    const request = new Blob(["GET /hello HTTP/1.0\r\n\r\n"]);
    const answer = await until("an answer", async () => {
      const { exit, stdout } = await run(get, { stdin: request });
      return exit === 0 ? stdout : undefined;
    });
    expect(answer).toContain("GET /hello");
  }),
);

const noDevice = "No such device";
testWith(networkTools, "an unknown interface", () =>
  inNetwork(links, async (inside) => {
    for (const [ip, message] of [
      ["fe80::1%north", `unable to find interface north: ${noDevice}`],
      ["ff02::1%north", `unable to find interface north: ${noDevice}`],
      ["fe80::1%west%", `unable to find interface west%: ${noDevice}`],
      ["fe80::1% ", `unable to find interface  : ${noDevice}`],
      ["fe80::1%-1", `unable to find interface -1: ${noDevice}`],
      ["fe80::1%a-name-longer-than-any", `unable to find interface a-name-longer-than-any: ${noDevice}`],
      ["fe80::1%4294967296", `unable to find interface 4294967296: ${noDevice}`],
      ["fe80::1%99", `unable to bind to fe80::1%99 port 80 : ${noDevice}`],
      ["fe80::2%west", "unable to bind to fe80::2%west port 80 : Cannot assign requested address"],
    ] as const) {
      expect(await run([...inside, executable, ip, "80", "true"])).toEqual(fatal(message));
    }
    // Zero is no index.
    expect(await run([...inside, executable, "fe80::1%0", "80", "true"])).toEqual(
      fatal(
        "unable to bind to fe80::1%0 port 80 : Invalid argument",
        111,
        "a link-local address needs its interface, such as fe80::1%eth0",
      ),
    );
  }),
);

const usage = `usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...`;
const onlyLinkLocal = "only a link-local address takes a scope, such as fe80::1%eth0";
const noAddress = "must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1";

test.each([
  ["fe80::1%", "an interface must follow the %, such as fe80::1%eth0"],
  ["::1%lo", onlyLinkLocal],
  ["::%lo", onlyLinkLocal],
  ["2001:db8::1%lo", onlyLinkLocal],
  ["ff0e::1%lo", onlyLinkLocal],
  ["127.0.0.1%lo", noAddress],
  ["::ffff:127.0.0.1%lo", onlyLinkLocal],
  ["%lo", noAddress],
  ["fe80:::1%lo", noAddress],
  ["[fe80::1%lo]", noAddress],
])("a bad scope: %s", async (ip, reason) => {
  const { stderr, stdout, exit } = fatal(`invalid ip ${ip}: ${reason}`, 100);
  expect(await bind([ip, "80", "true"])).toEqual({ stderr: `${stderr}${name}: ${usage}\n`, stdout, exit });
});
