/** What an ip and a port mean to bind(). */

import { describe, expect, test } from "bun:test";
import { constants } from "node:os";
import * as src from "../src/address.ts";
import type { Address } from "../src/address.ts";
import { exitCode, Fatal } from "../src/failure.ts";
import { resolveScope } from "../src/scope.ts";
import { argument } from "./support/c-string.ts";

const parseAddress = (ip: string, port: string) => src.parseAddress(argument(ip), argument(port));

/** The struct sockaddr, or a part of it. */
const bytes = ({ sockaddr }: Address, start = 0, end = sockaddr.length) =>
  Buffer.from(sockaddr).subarray(start, end);

describe("IPv4", () => {
  test.each([
    ["127.0.0.1", "7f000001"],
    ["0.0.0.0", "00000000"],
    ["255.255.255.255", "ffffffff"],
  ])("%s", (ip, address) => {
    const parsed = parseAddress(ip, "80");
    expect(parsed.family).toBe(2);
    expect(bytes(parsed).toHex()).toBe(`02000050${address}${"00".repeat(8)}`);
  });
});

describe("IPv6", () => {
  test.each([
    ["::", "0".repeat(32)],
    ["::1", `${"0".repeat(31)}1`],
    ["0:0:0:0:0:0:0:1", `${"0".repeat(31)}1`],
    ["2001:DB8::a", `20010db8${"0".repeat(23)}a`],
    ["::ffff:127.0.0.1", `${"0".repeat(20)}ffff7f000001`],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008"],
    ["1:2:3::5:6:7:8", "00010002000300000005000600070008"],
    ["fe80::1", `fe80${"0".repeat(27)}1`],
  ])("%s", (ip, address) => {
    const parsed = parseAddress(ip, "80");
    expect(parsed.family).toBe(10);
    expect(bytes(parsed).toHex()).toBe(`0a00005000000000${address}00000000`);
  });
});

describe("a scope", () => {
  // Every network has `lo`, as number 1. The scope is in the byte order of the machine.
  test.each([
    ["fe80::1%lo", 1],
    ["fe80::1%1", 1],
    ["fe80::1%007", 7],
    ["febf::1%lo", 1],
    ["ff01::1%lo", 1],
    ["ff02::1%lo", 1],
    ["ff12::1%lo", 1],
    ["fe80::1%4294967295", 2 ** 32 - 1],
  ])("%s", (ip, scope) => {
    const address = parseAddress(ip, "80");
    expect(resolveScope(address.scope!, address.sockaddr)).toBe(0);
    expect(bytes(address).readUInt32LE(24)).toBe(scope);
  });

  test("of an unknown interface", () => {
    const { scope, sockaddr } = parseAddress("fe80::1%no-such", "80");
    expect(resolveScope(scope!, sockaddr)).toBe(constants.errno.ENODEV);
  });
});

describe("port", () => {
  test.each([
    ["0", "0000"],
    ["1", "0001"],
    ["00080", "0050"],
    ["65535", "ffff"],
  ])("%s", (port, expected) => {
    expect(bytes(parseAddress("127.0.0.1", port), 2, 4).toHex()).toBe(expected);
  });

  test.each(["", " 80", "80 ", "+80", "-1", "0x50", "8e1", "80.0", "http", "65536", "\xb2"])(
    "not %j",
    (port) => {
      const error = failure("127.0.0.1", port);
      expect(error).toMatchObject({ usage: true });
      expect(error.message).toBe(`invalid port ${port}: must be a number from 0 to 65535`);
    },
  );
});

describe("no address:", () => {
  const noAddress = "must be an IPv4 or IPv6 address such as 127.0.0.1 or ::1";
  const onlyLinkLocal = "only a link-local address takes a scope, such as fe80::1%eth0";
  test.each([
    ["", noAddress],
    ["localhost", noAddress],
    ["127.0.0", noAddress],
    ["127.0.0.01", noAddress],
    ["127.0.0.256", noAddress],
    ["127.0.0.1 ", noAddress],
    ["127.0.0.1%lo", noAddress],
    [":", noAddress],
    [":::", noAddress],
    ["::g", noAddress],
    ["[::1]", noAddress],
    ["::1/128", noAddress],
    ["1:2:3:4:5:6:7:8:9", noAddress],
    ["fe80::1%", "an interface must follow the %, such as fe80::1%eth0"],
    ["127.0.0.1:80", "ip and port are two arguments, 127.0.0.1 80"],
    ["[::1]:80", "ip and port are two arguments, ::1 80"],
    [":80", "ip and port are two arguments, 0.0.0.0 80"],
    ["*:80", "ip and port are two arguments, 0.0.0.0 80"],
    ["[::1]:65536", noAddress],
    ["[127.0.0.1]:80", noAddress],
    ["localhost:80", noAddress],
    ["127.0.0.1:", noAddress],
    ["::1%", onlyLinkLocal],
    ["::1%lo", onlyLinkLocal],
    ["fec0::1%lo", onlyLinkLocal],
    ["ff05::1%lo", onlyLinkLocal],
    ["2001:db8::1%lo", onlyLinkLocal],
  ])("%j", (ip, reason) => {
    const error = failure(ip, "80");
    expect(error).toMatchObject({ usage: true });
    expect(error).toMatchObject({ message: `invalid ip ${ip}: ${reason}`, status: exitCode.usage });
  });

  test("a wrong ip is told before a wrong port", () => {
    expect(failure("x", "x").message).toStartWith("invalid ip x: ");
  });
});

/** What parseAddress fails with. */
function failure(ip: string, port: string): Fatal {
  try {
    parseAddress(ip, port);
  } catch (error) {
    if (error instanceof Fatal) return error;
    throw error;
  }
  throw new Error("it did not fail");
}
