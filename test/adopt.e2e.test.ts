/** --adopt: a socket that LISTEN_FDS passes is taken, where it is the one that is asked for. */

import { expect, test } from "bun:test";
import { bind, executable, fatal, ok, program, run, sh, testWith } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

const sockets = program("sockets.c");
const P = String(freePort());

/** Sockets that a binder passes, by names. */
const passers: Record<string, string[]> = {
  a: ["127.0.0.1", P],
  b: ["127.0.0.2", P],
  udp: ["-m", "-b0", "-D", "127.0.0.1", P],
  mptcp: ["--mptcp", "127.0.0.1", P],
  six: ["::1", P],
  any6: ["::", P],
  dual: ["--dual-stack", "::", P],
  blocking: ["-B", "127.0.0.1", P],
  bound: ["-b0", "127.0.0.1", P],
};
const passing = (names: string) =>
  names.split(" ").flatMap((name) => [executable, "--listen-fds", `--fd-name=${name}`, ...passers[name]!]);

/** What the program finds that a binder with --adopt executes, behind those that pass sockets. */
async function found(names: string, args: string[]): Promise<string[]> {
  const { exit, stdout, stderr } = await run([
    ...passing(names),
    ...[executable, "--adopt", ...args, await sockets()],
  ]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

const at = (fd: number, ip: string, protocol = "tcp") =>
  `${fd} ${protocol} ${ip} ${P}${protocol === "udp" ? "" : " listening"}`;
const announced = (names: string) => [
  "LISTEN_PID=ours",
  `LISTEN_FDS=${names.split(":").length}`,
  `LISTEN_FDNAMES=${names}`,
];

/** [what, which are passed, arguments of the one that adopts, what prog finds] */
const adopted: [title: string, names: string, args: string[], expected: string[]][] = [
  ["the only one, as stdin", "a", ["127.0.0.1", P], [at(0, "127.0.0.1")]],
  ["any port", "a", ["127.0.0.1", "0"], [at(0, "127.0.0.1")]],
  ["as --fd says", "a", ["--fd=7", "127.0.0.1", P], [at(7, "127.0.0.1")]],
  ["where it was", "a", ["--fd=3", "127.0.0.1", P], [at(3, "127.0.0.1")]],
  [
    "as --fd says, once, with LISTEN_FDS",
    "a",
    ["--listen-fds", "--fd=9", "127.0.0.1", P],
    [at(3, "127.0.0.1"), at(9, "127.0.0.1"), ...announced("a")],
  ],
  [
    "passed on, with its name",
    "a",
    ["--listen-fds", "127.0.0.1", P],
    [at(3, "127.0.0.1"), ...announced("a")],
  ],
  [
    "passed on, with another name",
    "a",
    ["--listen-fds", "--fd-name=web", "127.0.0.1", P],
    [at(3, "127.0.0.1"), ...announced("web")],
  ],
  [
    "the first: others stay passed",
    "a b six",
    ["127.0.0.1", P],
    [at(0, "127.0.0.1"), at(3, "127.0.0.2"), at(4, "::1"), ...announced("b:six")],
  ],
  [
    "the second: others stay passed",
    "a b six",
    ["127.0.0.2", P],
    [at(0, "127.0.0.2"), at(3, "127.0.0.1"), at(4, "::1"), ...announced("a:six")],
  ],
  [
    "the last: others stay passed",
    "a b six",
    ["::1", P],
    [at(0, "::1"), at(3, "127.0.0.1"), at(4, "127.0.0.2"), ...announced("a:b")],
  ],
  [
    "passed on: behind the others, as one that is made",
    "a b",
    ["--listen-fds", "127.0.0.1", P],
    [at(3, "127.0.0.2"), at(4, "127.0.0.1"), ...announced("b:a")],
  ],
  [
    "UDP, not TCP",
    "a udp",
    ["-m", "-b0", "127.0.0.1", P],
    [at(0, "127.0.0.1", "udp"), at(3, "127.0.0.1"), ...announced("a")],
  ],
  [
    "TCP, not UDP",
    "udp a",
    ["127.0.0.1", P],
    [at(0, "127.0.0.1"), at(3, "127.0.0.1", "udp"), ...announced("udp")],
  ],
  ["Multipath TCP", "mptcp", ["--mptcp", "127.0.0.1", P], [at(0, "127.0.0.1", "mptcp")]],
  ["for IPv6 alone", "any6", ["::", P], [at(0, "::")]],
  ["for IPv4, too", "dual", ["--dual-stack", "::", P], [`0 tcp :: ${P} dual-stack listening`]],
  ["one that blocks: made non-blocking", "blocking", ["127.0.0.1", P], [at(0, "127.0.0.1")]],
  ["one that does not block: made blocking", "a", ["-B", "127.0.0.1", P], [`${at(0, "127.0.0.1")} blocking`]],
  ["one that does not listen yet: made to", "bound", ["127.0.0.1", P], [at(0, "127.0.0.1")]],
  ["one that does not listen, nor is to", "bound", ["-b0", "127.0.0.1", P], [`0 tcp 127.0.0.1 ${P}`]],
];
for (const [title, names, args, expected] of adopted)
  testWith(["cc"], `adopted: ${title}`, async () => {
    expect(await found(names, args)).toEqual(expected);
  });

/** What is not the one that is asked for: another one is made, and it stays passed. */
const made: typeof adopted = [
  ["another address", "a", ["127.0.0.3", P], [at(0, "127.0.0.3"), at(3, "127.0.0.1"), ...announced("a")]],
  [
    "another protocol",
    "udp",
    ["127.0.0.1", P],
    [at(0, "127.0.0.1"), at(3, "127.0.0.1", "udp"), ...announced("udp")],
  ],
  ["another family", "a", ["::1", P], [at(0, "::1"), at(3, "127.0.0.1"), ...announced("a")]],
];
for (const [title, names, args, expected] of made)
  testWith(["cc"], `not adopted: ${title}`, async () => {
    expect(await found(names, args)).toEqual(expected);
  });

testWith(["cc"], "not adopted: another port", async () => {
  const lines = await found("a", ["127.0.0.1", String(freePort())]);
  expect(lines[0]).toMatch(/^0 tcp 127\.0\.0\.1 \d+ listening$/);
  expect(lines.slice(1)).toEqual([at(3, "127.0.0.1"), ...announced("a")]);
  expect(lines[0]).not.toBe(at(0, "127.0.0.1"));
});

testWith(["cc"], "chained: in the order of the chain, however they were passed", async () => {
  const adopting = (name: string, ip: string) => [
    executable,
    "--adopt",
    "--listen-fds",
    `--fd-name=${name}`,
    ip,
    P,
  ];
  const chain = [...adopting("first", "127.0.0.1"), ...adopting("second", "127.0.0.2"), await sockets()];
  const expected = ok([at(3, "127.0.0.1"), at(4, "127.0.0.2"), ...announced("first:second"), ""].join("\n"));
  for (const names of ["a b", "b a", "a", "b"])
    expect([names, await run([...passing(names), ...chain])]).toEqual([names, expected]);
  expect(await run(chain)).toEqual(expected);
});

testWith(["cc"], "nothing is passed: as without --adopt", async () => {
  expect(await bind(["--adopt", "127.0.0.1", P, await sockets()])).toEqual(ok(`${at(0, "127.0.0.1")}\n`));
});

test("socket options hold for one that is adopted, too, and a report tells of it", async () => {
  const args = ["--adopt", "--report-fd=1", "--interface=nowhere0", "127.0.0.1", P, "echo", "executed"];
  expect(await run([...passing("a"), executable, ...args])).toEqual(
    fatal(`unable to set interface on 127.0.0.1 port ${P}: No such device`),
  );
  expect(
    await run([...passing("a"), executable, ...args.filter((arg) => !arg.includes("interface"))]),
  ).toEqual(ok(`127.0.0.1 ${P}\nexecuted\n`));
});

/** [what, which are passed, arguments, what is said] */
test.each<[string, string, string[], ReturnType<typeof fatal>]>([
  [
    "--fd is one that stays passed",
    "a b",
    ["--fd=3", "127.0.0.1", P],
    fatal("descriptor 3 is a socket that is passed already"),
  ],
  [
    "--report-fd is one that is passed",
    "a",
    ["--report-fd=3", "127.0.0.1", P],
    fatal("descriptor 3 is a socket that is passed already"),
  ],
  [
    "for IPv4, too, without --dual-stack",
    "dual",
    ["::", P],
    fatal(
      `unable to bind to :: port ${P} : Address already in use`,
      111,
      "--adopt takes a passed socket of the same protocol, ip and port, for IPv4 and IPv6 only with --dual-stack",
    ),
  ],
])("refused: %s", async (_, names, args, expected) => {
  expect(await run([...passing(names), executable, "--adopt", ...args, "echo", "executed"])).toEqual(
    expected,
  );
});

test("refused: passed to another process, and in use", async () => {
  const { stderr, exit } = await sh(
    'exec "$binder" --listen-fds 127.0.0.1 "$1" sh -c \'"$binder" --adopt 127.0.0.1 "$1" echo executed; exit $?\' sh "$1"',
    [P],
  );
  expect(exit).toBe(111);
  expect(stderr).toMatch(
    /hint: LISTEN_PID is \d+, and this is process \d+: nothing may fork between\n.*Address already in use\n$/,
  );
});

test.each([2, 2147483644])("LISTEN_FDS says %d, and one is there", async (count) => {
  const script = `exec "$binder" --listen-fds 127.0.0.1 ${P} sh -c 'ulimit -n 20; LISTEN_FDS=${count} exec "$binder" --adopt 127.0.0.1 ${P} sh -c "echo \\$LISTEN_FDS"'`;
  const expected =
    count === 2 ? ok("1\n") : fatal(`descriptor ${count + 2} is beyond the limit of open files, 20`);
  expect(await sh(script)).toEqual(expected);
});

testWith(["cc", "python3"], "a connection, which inetd and Accept=yes pass, is no listener", async () => {
  const script = `import os, socket, sys
listener = socket.create_server(("127.0.0.1", ${P}))
client = socket.create_connection(listener.getsockname())
passed = listener.accept()[0].detach()
listener.close()
os.dup2(passed, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[1], sys.argv[1:])`;
  const command = [executable, "--adopt", "127.0.0.1", P, await sockets()];
  const { stdout } = await run(["python3", "-c", script, ...command]);
  const expected = [
    at(0, "127.0.0.1"),
    `3 tcp 127.0.0.1 ${P} blocking`,
    "LISTEN_PID=ours",
    "LISTEN_FDS=1",
    "",
  ];
  expect(stdout.split("\n")).toEqual(expected);
});
