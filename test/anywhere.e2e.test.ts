/** Where the executable runs: with nothing around it, in sandboxes, and wherever the kernel puts the stack. */

import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  bind,
  executable,
  fatal,
  isThorough,
  name,
  ok,
  program,
  run,
  scratch,
  testWith,
} from "./support/harness.ts";

const staticProbe = program("probe.c", ["cc", "-static"]);
const many = program("many.c");

describe("a read-only root directory with two files, as nobody", () => {
  const top = scratch();
  /** The command in there: without /proc, /sys, /dev, /tmp, environment or network of this machine. */
  const inside = async (args: string[]) => {
    const root = join(top, "root");
    mkdirSync(root, { recursive: true });
    copyFileSync(executable, join(root, name));
    copyFileSync(await staticProbe(), join(root, "probe"));
    chmodSync(root, 0o755);
    const script = `mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && shift &&
      exec env -i "$(command -v chroot)" --userspec=65534:65534 --groups= . "$@"`;
    const namespaces = ["--mount", "--net", "--ipc", "--uts", "--propagation", "private"];
    return ["unshare", ...namespaces, "sh", "-c", script, "sh", root, `/${name}`, ...args];
  };
  const tools = ["root", "unshare", "mount", "chroot", "cc"];

  testWith(tools, "a socket is handed over", async () => {
    const { exit, stdout, stderr } = await run(await inside(["-D", "-b7", "127.0.0.1", "0", "/probe", "a"]));
    expect({ exit, stderr }).toEqual({ exit: 42, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ socket: { listening: true, backlog: 7 }, prog_args: ["a"] });
  });
  testWith(tools, "messages, --help and --version are as ever", async () => {
    for (const args of [["--help"], ["--version"], ["x", "0", "/probe"], ["-z"], ["127.0.0.1"]]) {
      expect(await run(await inside(args))).toEqual(await bind(args));
    }
    expect(await run(await inside(["127.0.0.1", "0", "/nothing"]))).toEqual(
      fatal("unable to exec /nothing: No such file or directory", 127),
    );
    expect(await run(await inside(["--report-file=/report", "127.0.0.1", "0", "/probe"]))).toEqual(
      fatal("unable to write /report: Read-only file system"),
    );
  });
});

describe("gVisor", () => {
  const inside = (args: string[]) => run(["runsc", "--network=none", "do", executable, ...args]);
  const tools = ["root", "runsc", "cc"];

  testWith(tools, "a socket is handed over", async () => {
    for (const args of [
      ["127.0.0.1", "0"],
      ["-D", "-B", "-m", "-b0", "::1", "0"],
    ]) {
      const { exit, stdout, stderr } = await inside([...args, await staticProbe()]);
      expect({ args, exit, stderr }).toEqual({ args, exit: 42, stderr: "" });
      expect(JSON.parse(stdout).socket.ip).toBe(args.at(-2));
    }
    const options = ["-D", "-b5", "--keep-alive", "--report-fd=2"];
    expect(await inside([...options, "127.0.0.1", "0", "/bin/echo", "ran"])).toEqual({
      ...ok("ran\n"),
      stderr: expect.stringMatching(/^127\.0\.0\.1 \d+\n$/),
    });
  });
  testWith(tools, "messages, --help and --version are as ever", async () => {
    for (const args of [["--help"], ["--version"], ["x", "0", "prog"], ["127.0.0.1", "0", "/nothing"]]) {
      expect(await inside(args)).toEqual(await bind(args));
    }
  });
});

testWith(["strip"], "stripping it takes nothing from it", async () => {
  const stripped = join(scratch(), name);
  expect(await run(["strip", "-o", stripped, executable])).toEqual(ok());
  for (const args of [["127.0.0.1", "0", "/bin/echo", "ran"], ["--help"], ["--version"], ["-z"]]) {
    expect(await run([stripped, ...args])).toEqual(await bind(args));
  }
});

/** So many runs, each of which gets another layout of its memory. */
const runs = isThorough ? "2000" : "400";

/** What decides where the kernel puts the stack, the vDSO, and what is mapped without an address. */
const layouts = {
  "random addresses": [],
  "fixed addresses": ["setarch", "--addr-no-randomize"],
  "an unlimited stack": ["sh", "-c", 'ulimit -s unlimited && exec "$@"', "sh"],
  "an unlimited stack and fixed addresses": [
    ...["sh", "-c", 'ulimit -s unlimited && exec setarch --addr-no-randomize "$@"', "sh"],
  ],
  "the layout of old kernels": ["setarch", "--addr-compat-layout"],
};

describe(`${runs} runs, none of which fails`, () => {
  for (const [layout, prefix] of Object.entries(layouts)) {
    testWith(
      ["cc", "setarch"],
      layout,
      async () => {
        const command = [await many(), runs, String(2 * availableParallelism()), "42"];
        const job = [executable, "127.0.0.1", "0", await staticProbe()];
        const { stdout, ...rest } = await run([...prefix, ...command, ...job]);
        expect(stdout).toEndWith(`0 of ${runs} failed\n`);
        expect(rest).toEqual({ exit: 0, stderr: "" });
      },
      300_000,
    );
  }
});

test("256 at once", async () => {
  const started = Array.from({ length: 256 }, () => bind(["127.0.0.1", "0", "/bin/echo", "ran"]));
  expect((await Promise.all(started)).filter((result) => !Bun.deepEquals(result, ok("ran\n")))).toEqual([]);
});
