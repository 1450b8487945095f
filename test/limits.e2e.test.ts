/** Little of what a process may have. */

import { describe, expect, test } from "bun:test";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bind, compile, executable, ok, run, scratch, sh, testWith } from "./support/harness.ts";

const programs = scratch();

const ran = ok("ran\n");
const command = '"$binder" 127.0.0.1 0 /bin/echo ran';

describe("executable memory refused", () => {
  // PROT_READ | PROT_WRITE | PROT_EXEC; EPERM
  const writableCode = ["2", "7", "1"];
  testWith(["cc"], "none is asked for", async () => {
    const refuse = await compile("refuse.c", programs);
    const refused = ["mmap", "mprotect"].flatMap((call) => [refuse, call, ...writableCode]);
    expect(await run([...refused, executable, "127.0.0.1", "0", "/bin/echo", "ran"])).toEqual(ran);
  });
});

describe("open files", () => {
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
  test.skipIf(!parent)(`of 8 MB: enough${reason}`, async () => {
    expect(await inGroup(8 * 2 ** 20)).toEqual(ran);
  });
});
