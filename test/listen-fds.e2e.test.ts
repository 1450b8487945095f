/** --listen-fds: the variables of the LISTEN_FDS protocol, and the rest of the environment. */

import { expect, test } from "bun:test";
import { fatal, ok, scratch, sh } from "./support/harness.ts";

/** A prog that shows its pid and, in base64 since it is bytes, its environment. */
const show = ["127.0.0.1", "0", "sh", "-c", 'echo $$; base64 -w0 "/proc/$$/environ"'];

/** Run `script`, which starts "$@", and read what `show` says; pid is put where the pid is. */
async function environment(script: string, args: string[]): Promise<string[]> {
  const { stdout, stderr } = await sh(script, [...args, ...show]);
  expect(stderr).toBe("");
  const [pid, encoded = ""] = stdout.split("\n");
  const entries = Buffer.from(encoded, "base64").toString("latin1").split("\0");
  return entries.slice(0, -1).map((entry) => (entry === `LISTEN_PID=${pid}` ? "LISTEN_PID=pid" : entry));
}

/** Those of the protocol, without their common beginning. */
async function announced(script: string, args: string[]): Promise<string[]> {
  const entries = await environment(script, args);
  return entries.filter((entry) => entry.startsWith("LISTEN_")).map((entry) => entry.slice(7));
}

const plain = 'exec "$binder" "$@"';
/** Variables that are meant for the very process. */
const ours = (variables: string) => `export LISTEN_PID=$$ ${variables}; exec "$binder" "$@"`;
const one = (name: string) => ["PID=pid", "FDS=1", `FDNAMES=${name}`];

test.each<[string, string[], string[]]>([
  ["without a name", [], one("unknown")],
  ["a name", ["--fd-name=http"], one("http")],
  ["a name with everything that is allowed", ["--fd-name= !9;~"], one(" !9;~")],
  ["the longest name", [`--fd-name=${"n".repeat(255)}`], one("n".repeat(255))],
  ["--fd=0 as well", ["--fd=0"], one("unknown")],
])("%s", async (_, args, expected) => {
  expect(await announced(plain, ["--listen-fds", ...args])).toEqual(expected);
});

test("binders chain, each one adding the next descriptor", async () => {
  const script = `
    exec "$binder" --listen-fds --fd-name=http 127.0.0.1 0 \\
      "$binder" --listen-fds ::1 0 \\
      "$binder" 127.0.0.1 0 \\
      "$binder" "$@"`;
  const expected = ["PID=pid", "FDS=3", "FDNAMES=http:unknown:https"];
  expect(await announced(script, ["--listen-fds", "--fd-name=https"])).toEqual(expected);
});

test.each<[string, string, string[]]>([
  ["of a process that is gone", "LISTEN_PID=1 LISTEN_FDS=2 LISTEN_FDNAMES=a:b", one("new")],
  ["without LISTEN_PID", "LISTEN_FDS=2 LISTEN_FDNAMES=a:b", one("new")],
  ["with an empty LISTEN_PID", "LISTEN_PID= LISTEN_FDS=2", one("new")],
  ["names alone", "LISTEN_FDNAMES=a:b", one("new")],
  ["with the pidfd of another process", "LISTEN_PID=1 LISTEN_FDS=1 LISTEN_PIDFDID=7", one("new")],
])("stale variables are replaced: %s", async (_, variables, expected) => {
  const script = `exec env ${variables} "$binder" "$@"`;
  expect(await announced(script, ["--listen-fds", "--fd-name=new"])).toEqual(expected);
});

test.each<[string, string[]]>([
  ["LISTEN_FDS=2 LISTEN_FDNAMES=a:b", ["PID=pid", "FDS=3", "FDNAMES=a:b:new"]],
  ["LISTEN_FDS=1 LISTEN_FDNAMES=", ["PID=pid", "FDS=2", "FDNAMES=:new"]],
  ["LISTEN_FDS=2", ["PID=pid", "FDS=3", "FDNAMES=unknown:unknown:new"]],
  ["LISTEN_FDS=2 LISTEN_FDNAMES=a", ["PID=pid", "FDS=3", "FDNAMES=unknown:unknown:new"]],
  ["LISTEN_FDS=1 LISTEN_FDNAMES=a:b", ["PID=pid", "FDS=2", "FDNAMES=unknown:new"]],
  ["LISTEN_FDS=1 LISTEN_PIDFDID=7", ["PIDFDID=7", "PID=pid", "FDS=2", "FDNAMES=unknown:new"]],
  ["LISTEN_FDS=0 LISTEN_FDNAMES=a", one("new")],
  ["LISTEN_FDS= LISTEN_FDNAMES=a", one("new")],
  ["LISTEN_FDS=x", one("new")],
  ["LISTEN_FDS=-1", one("new")],
  ["LISTEN_FDS=1x", one("new")],
  ["LISTEN_FDS=99999999999999999999", one("new")],
  ["LISTEN_FDNAMES=a", one("new")],
])("announced to this process: %s", async (variables, expected) => {
  // As many are open as there are said to be.
  const count = /LISTEN_FDS=([12])\b/.exec(variables)?.[1];
  const open =
    count === undefined ? "" : count === "1" ? "exec 3</dev/null;" : "exec 3</dev/null 4</dev/null;";
  const script = `${open} ${ours(variables)}`;
  expect(await announced(script, ["--listen-fds", "--fd-name=new"])).toEqual(expected);
});

/** Somebody's descriptor in the place where the socket would be passed. */
const inTheWay = (descriptor: number) =>
  fatal(
    `descriptor ${descriptor}, where --listen-fds passes the socket, is open: ` +
      `close it (${descriptor}>&-), or say --fd=${descriptor} to replace it`,
  );

test.each<[string, string, string[], number]>([
  ["a lock", 'exec 3>lock; exec "$binder" "$@"', [], 3],
  [
    "a descriptor of prog's, behind one that is passed",
    `exec 3</dev/null 4>data; ${ours("LISTEN_FDS=1")}`,
    [],
    4,
  ],
  ["a socket that came without LISTEN_PID", 'exec "$binder" ::1 0 "$binder" "$@" 3<&0', [], 3],
  ["one that is passed to another process", 'LISTEN_PID=1 LISTEN_FDS=1 exec "$binder" "$@" 3<&0', [], 3],
  ["one in the way of LISTEN_FDS, not of --fd", 'exec "$binder" "$@" 3<&0', ["--fd=5"], 3],
  ["another than the one to report to", 'exec "$binder" "$@" 3<&0 4>&1', ["--report-fd=4"], 3],
])("not in the place of %s", async (_, script, args, descriptor) => {
  const command = ["--listen-fds", ...args, "127.0.0.1", "0", "echo", "executed"];
  expect(await sh(script, command, { cwd: scratch() })).toEqual(inTheWay(descriptor));
});

test("a lock is not lost: of two with the same one, the second is refused", async () => {
  const script = `
    exec 3>lock; flock -n 3 || exit 1
    "$binder" --listen-fds "$@" 2>&1
    sh -c 'exec 3>lock; flock -n 3' || echo held`;
  const { stdout } = await sh(script, ["127.0.0.1", "0", "echo", "executed"], { cwd: scratch() });
  expect(stdout).toBe(`${inTheWay(3).stderr}held\n`);
});

test.each<[string, string, string[]]>([
  ["--report-fd=3 closes it", 'exec 3>report; exec "$binder" "$@"', ["--report-fd=3"]],
  ["--fd=3 means it", 'exec 3>lock; exec "$binder" "$@"', ["--fd=3"]],
  ["3>&- closes it", 'exec 3>lock; exec "$binder" "$@" 3>&-', []],
])("in the place of one that is open: %s", async (_, script, args) => {
  const command = [
    "--listen-fds",
    ...args,
    "127.0.0.1",
    "0",
    "sh",
    "-c",
    "test -S /proc/$$/fd/3 && echo $LISTEN_FDS",
  ];
  expect(await sh(script, command, { cwd: scratch() })).toEqual(ok("1\n"));
});

test.each([17, 1_000_000, 2_147_483_644])("announced to this process: %d descriptors", async (count) => {
  const script = `ulimit -n 20; ${ours(`LISTEN_FDS=${count}`)}`;
  expect(await sh(script, ["--listen-fds", "127.0.0.1", "0", "echo", "executed"])).toEqual(
    fatal(`descriptor ${count + 3} is beyond the limit of open files, 20`),
  );
});

test("the rest of the environment stays, byte for byte and in order", async () => {
  const before = ["Z=\\377\\n", "LISTEN=1", "A==", "LISTEN_FDSX=2", "XLISTEN_FDS=3", "EMPTY=", "PATH=/bin"];
  const stale = ["LISTEN_FDS=7", "LISTEN_PID=1", "LISTEN_FDNAMES=a"];
  const [first = "", ...rest] = before;
  const variables = [stale[0], ...rest, ...stale.slice(1)].map((variable) => `'${variable}'`).join(" ");
  const script = `exec env -i "$(printf '${first}.')" ${variables} "$binder" "$@"`;
  const kept = ["Z=\xff\n.", ...rest];
  expect(await environment(script, ["--listen-fds"])).toEqual([
    ...kept,
    "LISTEN_PID=pid",
    "LISTEN_FDS=1",
    "LISTEN_FDNAMES=unknown",
  ]);
  expect(await environment(script, ["--fd=5"])).toEqual([
    "Z=\xff\n.",
    "LISTEN_FDS=7",
    ...rest,
    ...stale.slice(1),
  ]);
});
