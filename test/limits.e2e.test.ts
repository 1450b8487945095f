/** Where the runtime cannot follow, and where it just can. */

import { beforeAll, describe, expect, test } from "bun:test";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { constants as os } from "node:os";
import { join } from "node:path";
import { bind, compile, executable, fatal, ok, run, scratch, sh, testWith } from "./support/harness.ts";

const programs = scratch();

const ran = ok("ran\n");
const command = '"$binder" 127.0.0.1 0 /bin/echo ran';

const noJit = fatal("unable to call libc: bun:ffi requires the JIT");
const lastWords = fatal("the Bun runtime gave up, as it does for want of memory");

describe("executable memory refused", () => {
  let refuse: string;
  beforeAll(async () => void (refuse = await compile("refuse.c", programs)));

  // PROT_READ | PROT_WRITE | PROT_EXEC; EPERM
  const writableCode = ["2", "7", "1"];
  const refused = ["mmap", "mprotect"].map((call) => [call, ...writableCode]);
  const commands = [
    ["127.0.0.1", "0", "/bin/echo", "ran"],
    ["not-an-ip", "0", "/bin/echo", "ran"],
  ];
  testWith(["cc"], "one line, exit 111", async () => {
    const [mmap = [], mprotect = []] = refused;
    for (const args of commands) {
      expect(await run([refuse, ...mmap, refuse, ...mprotect, executable, ...args])).toEqual(noJit);
    }
  });
});

describe("address space", () => {
  // In kB. Less than the executable's own size, and the kernel does not even start it.
  const tooLittle = Array.from({ length: 24 }, (_, i) => 150_000 + i * 100_000);
  test("too little: one line, exit 111", async () => {
    for (const size of tooLittle) {
      const result = await sh(`ulimit -v ${size}; exec ${command}`);
      if (result.exit === 0) expect(result).toEqual(ran);
      else expect([noJit, lastWords]).toContainEqual(result);
    }
  });
  test("1,000,000 kB: says what is missing", async () => {
    expect(await sh(`ulimit -v 1000000; exec ${command}`)).toEqual(noJit);
  });
  test("4,000,000 kB: enough", async () => {
    expect(await sh(`ulimit -v 4000000; exec ${command}`)).toEqual(ran);
  });
});

describe("open files", () => {
  test("3 at most: the dynamic loader has no descriptor left for libc", async () => {
    const result = await sh(`ulimit -n 3; exec ${command}`);
    expect(result.exit).toBe(127);
    expect(result.stderr).toMatch(/^[^\n]+(Error 24|Too many open files|No file descriptors available)\n$/);
  });
  test.each([4, 5, 6])("%d at most: enough", async (limit) => {
    expect(await sh(`ulimit -n ${limit}; exec ${command}`)).toEqual(ran);
  });
  testWith(["cc"], "3 at most, stdin closed: enough for us; prog is a static one", async () => {
    const probe = await compile("probe.c", programs, ["cc", "-static"]);
    const { exit, stdout, stderr } = await sh('exec <&-; ulimit -n 3; exec "$binder" 127.0.0.1 0 "$1"', [
      probe,
    ]);
    expect({ exit, stderr }).toEqual({ exit: 42, stderr: "" });
    expect(JSON.parse(stdout).socket.listening).toBe(true);
  });
});

describe("the current directory deleted", () => {
  const gone = "mkdir gone; cd gone; rmdir ../gone; exec";
  test("a program runs", async () => {
    expect(await sh(`${gone} ${command}`, [], { cwd: programs })).toEqual(ran);
  });
  test("--version and errors are as ever", async () => {
    for (const args of [["--version"], ["--help"], ["not-an-ip", "0", "x"]]) {
      expect(await sh(`${gone} "$binder" "$@"`, args, { cwd: programs })).toEqual(await bind(args));
    }
  });
});

describe("without /proc", () => {
  testWith(["root", "unshare"], "a program runs, --version and errors are as ever", async () => {
    const inNamespace = ["unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh", executable];
    expect(await run([...inNamespace, "127.0.0.1", "0", "/bin/echo", "ran"])).toEqual(ran);
    for (const args of [["--version"], ["--help"], ["not-an-ip", "0", "x"]]) {
      expect(await run([...inNamespace, ...args])).toEqual(await bind(args));
    }
  });
});

/** Where the memory of a new group can be limited: the file for the limit, and the one to join by. */
function memoryGroup(): { directory: string; limit: string } | undefined {
  const groups = "/proc/self/cgroup";
  const own = existsSync(groups) ? readFileSync(groups, "utf8") : "";
  const candidates = [
    { path: /^\d+:memory:(.*)$/m, root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
    { path: /^0::(.*)$/m, root: "/sys/fs/cgroup", limit: "memory.max" },
  ];
  for (const { path, root, limit } of candidates) {
    const parent = join(root, path.exec(own)?.[1] ?? "/");
    // A group below ours, or below the root where ours is somebody else's.
    for (const directory of [parent, root]) {
      if (writable(join(directory, "cgroup.procs")) && existsSync(join(directory, limit))) {
        return { directory, limit };
      }
    }
  }
  return undefined;
}

function writable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

describe("a memory-limited cgroup", () => {
  const parent = memoryGroup();
  const reason = parent ? "" : " (no memory controller that this user may use)";
  const mega = 2 ** 20;
  const inGroup = async (bytes: number) => {
    if (!parent) throw new Error("no group");
    const group = join(parent.directory, `socketbinder-${process.pid}`);
    mkdirSync(group);
    try {
      writeFileSync(join(group, parent.limit), `${bytes}`);
      return await sh(`echo $$ >"$1/cgroup.procs"; exec ${command}`, [group]);
    } finally {
      rmdirSync(group);
    }
  };
  test.skipIf(!parent)(`of 12 MB: enough${reason}`, async () => {
    expect(await inGroup(12 * mega)).toEqual(ran);
  });
  test.skipIf(!parent)(`of 1 MB: the kernel kills it, without a word${reason}`, async () => {
    expect(await inGroup(mega)).toEqual({ exit: 128 + os.signals.SIGKILL, stdout: "", stderr: "" });
  });
});
