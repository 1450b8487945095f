/** Every socket option, read off the socket that prog inherits by a program that is not ours. */

import { expect, test } from "bun:test";
import { chmodSync, copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sockopts, type Sockopt } from "../src/sockopts.ts";
import { bind, executable, fatal, ok, program, run, scratch, testWith } from "./support/harness.ts";
import { listener } from "./support/listener.ts";
import { asNobody, everyonesExecutable } from "./support/network.ts";
import { rows, type Protocol, type Row, type Value } from "./support/sockopt-rows.ts";
import { sysctlFile, sysctlNumber } from "./support/sysctl.ts";

type Name = keyof typeof sockopts;
const table = Object.entries(rows) as [Name, Row][];
const protocols: Protocol[] = ["tcp", "udp"];

/** How sockets are made, and the sides these have: 0 is IPv4, 1 is IPv6. */
const families = [
  { args: ["127.0.0.1", "0"], sides: [0] },
  { args: ["::1", "0"], sides: [1] },
  { args: ["--dual-stack", "::", "0"], sides: [0, 1] },
];

const getsockopt = program("getsockopt.c");

/** What getsockopt() says about the socket that `args` make: `like` the examples, a number or text. */
async function read(args: string[], names: string[], like: Value[]): Promise<Value[]> {
  const { stdout, stderr } = await bind([...args, await getsockopt(), "0", ...names]);
  expect({ args, stderr }).toEqual({ args, stderr: "" });
  return stdout.split("\n", names.length).map((hex, i) => {
    const bytes = Buffer.from(hex, "hex");
    return typeof like[i] === "number" ? bytes.readInt32LE() : bytes.toString("latin1").replace(/\0.*/s, "");
  });
}

const option = (name: Name, { value }: Row) => (value === undefined ? `--${name}` : `--${name}=${value}`);
const optionsOf = (protocol: Protocol) => (protocol === "udp" ? ["--udp", "--backlog=0"] : []);
/** What a test of the row needs: see `testWith`. */
const toolsOf = ({ root, sysctls = [] }: Row) => [
  "cc",
  ...(root ? ["root"] : []),
  ...sysctls.map(sysctlFile),
];
const sockopt = (name: Name): Sockopt => sockopts[name];
const readsOf = ({ reads }: Row, sides: number[]) => [
  ...new Set(sides.map((side) => reads[side] ?? reads[0])),
];

test("every socket option has a row", () => {
  expect(Object.keys(rows).sort()).toEqual(Object.keys(sockopts).sort());
});

for (const [name, row] of table) {
  const { only, needs, inet6 } = sockopt(name);
  testWith(toolsOf(row), `--${name}: ${row.reads.join(", ")}`, async () => {
    for (const protocol of only ? [only] : protocols) {
      const usually = typeof row.unset === "object" ? row.unset[protocol] : row.unset;
      const others = [...optionsOf(protocol), ...(needs ? [`--${needs}`] : [])];
      for (const { args, sides } of families.filter(({ sides }) => inet6 || sides.includes(0))) {
        const names = readsOf(row, sides);
        const without = [...others, ...args];
        const like = [row.set, row.set];
        expect([without, await read(without, names, like)]).toEqual([without, names.map(() => usually)]);
        const with_ = [option(name, row), ...without];
        expect([with_, await read(with_, names, like)]).toEqual([with_, names.map(() => row.set)]);
      }
    }
  });
}

for (const protocol of protocols) {
  const fitting = table.filter(([name]) => [undefined, protocol].includes(sockopt(name).only));
  const tools = new Set(fitting.flatMap(([, row]) => toolsOf(row)));
  testWith(
    [...tools],
    `all socket options for ${protocol} together, on a socket that is made, and on one that is adopted`,
    async () => {
      for (const { args, sides } of families) {
        const given = fitting.filter(([name]) => sockopt(name).inet6 || sides.includes(0));
        const names = given.flatMap(([, row]) => readsOf(row, sides));
        const values = given.flatMap(([, row]) => readsOf(row, sides).map(() => row.set));
        const all = [...optionsOf(protocol), ...given.map(([name, row]) => option(name, row)), ...args];
        expect([args, await read(all, names, values)]).toEqual([args, values]);
        const adopted = ["--listen-fds", ...optionsOf(protocol), ...args, executable, "--adopt", ...all];
        expect([args, await read(adopted, names, values)]).toEqual([args, values]);
      }
    },
  );
}

testWith(["cc"], "--dual-stack: IPV6_V6ONLY", async () => {
  for (const others of protocols.map(optionsOf)) {
    expect(await read([...others, "--dual-stack", "::", "0"], ["IPV6_V6ONLY"], [0])).toEqual([0]);
    expect(await read([...others, "::", "0"], ["IPV6_V6ONLY"], [0])).toEqual([1]);
  }
});

const buffers = [
  ["receive-buffer", "SO_RCVBUF", "core/rmem_max"],
  ["send-buffer", "SO_SNDBUF", "core/wmem_max"],
] as const;

for (const [name, read_, most] of buffers) {
  // The kernel doubles what is asked for: socket(7).
  testWith(["cc"], `--${name}: in bytes, or in K, M or G`, async () => {
    for (const [size, bytes] of [
      ["9000", 9000],
      ["64K", 65536],
    ] as const) {
      expect(await read([`--${name}=${size}`, "127.0.0.1", "0"], [read_], [0])).toEqual([2 * bytes]);
    }
  });

  testWith(
    ["cc", "root", "setpriv", sysctlFile(most)],
    `--${name}: past ${most} with the privilege`,
    async () => {
      const limit = sysctlNumber(most);
      const asked = 2 * limit;
      expect(await read([`--${name}=${asked}`, "127.0.0.1", "0"], [read_], [0])).toEqual([2 * asked]);
      const reader = join(scratch(), "getsockopt");
      chmodSync(dirname(reader), 0o755);
      copyFileSync(await getsockopt(), reader);
      const capped = [
        ...asNobody,
        everyonesExecutable(),
        `--${name}=${asked}`,
        "127.0.0.1",
        "0",
        reader,
        "0",
        read_,
      ];
      const { stdout, stderr } = await run(capped);
      expect(stderr).toBe("");
      expect(Buffer.from(stdout, "hex").readInt32LE()).toBe(2 * limit);
    },
  );
}

/** What a program receives on its stdin: the kind of what comes with the data, and whether it is of today. */
const received = `import socket, struct, sys, time
stdin = socket.socket(fileno=0)
stdin.setblocking(True)
if stdin.type == socket.SOCK_STREAM: stdin, _ = stdin.accept()
data, more, _, _ = stdin.recvmsg(100, 100)
SCM_TIMESTAMPNS = 35
for level, kind, value in more:
    seconds, nanoseconds = struct.unpack("qq", value)
    print(data.decode(), kind == SCM_TIMESTAMPNS, abs(time.time() - seconds) < 100, nanoseconds < 10**9, file=sys.stderr)`;

testWith(["python3"], "--timestamps: when it arrived, for a datagram and a connection", async () => {
  for (const udp of [true, false]) {
    await using receiver = await listener([
      ...(udp ? ["-m", "-b0", "-D"] : []),
      ...["--timestamps", "127.0.0.1", "0", "python3", "-c", received],
    ]);
    const client = udp
      ? `s = socket.socket(type=socket.SOCK_DGRAM); s.sendto(b"hello", address)`
      : `s = socket.create_connection(address); s.sendall(b"hello"); s.recv(1)`;
    const send = `import socket; address = ("127.0.0.1", ${receiver.port}); ${client}`;
    expect(await run(["python3", "-c", send])).toEqual(ok());
    expect(await receiver.child.stderr.text()).toBe("hello True True True\n");
  }
});

/** Options that the kernel refuses, and its reasons. */
test.each([
  ["interface=nowhere0", "No such device"],
  ["congestion=nonesuch", "No such file or directory"],
])("refused: --%s", async (option, reason) => {
  const [name] = option.split("=");
  for (const [ip, args] of [
    ["127.0.0.1", []],
    ["::1", []],
    ["::", ["--dual-stack"]],
  ] as const) {
    expect(await bind([`--${option}`, ...args, ip, "0", "echo", "executed"])).toEqual(
      fatal(`unable to set ${name} on ${ip} port 0: ${reason}`),
    );
  }
});

testWith(["root", "setpriv"], "refused without privileges: --mark, --transparent, --priority=7", async () => {
  const binder = everyonesExecutable();
  for (const option of ["mark=1", "transparent", "priority=7"]) {
    const [name] = option.split("=");
    const command = [...asNobody, binder, `--${option}`, "127.0.0.1", "65000", "echo", "executed"];
    expect(await run(command)).toEqual(
      fatal(`unable to set ${name} on 127.0.0.1 port 65000: Operation not permitted`),
    );
  }
});
