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
import { bind, executable, ok, program, root, run, scratch, sh, testWith } from "./support/harness.ts";

const directory = scratch();
const refuse = program("refuse.c", ["cc", "-static"]);
const arrange = program("arrange.c");
const staticProbe = program("probe.c", ["cc", "-static"]);

// linux/prctl.h
const PR_SET_MDWE = 65;
const PR_MDWE_REFUSE_EXEC_GAIN = 1;

const ran = ok("ran\n");
const command = '"$binder" 127.0.0.1 0 /bin/echo ran';

describe("executable memory refused", () => {
  // PROT_READ | PROT_WRITE | PROT_EXEC, and without the middle one; EPERM
  const codes = ["7", "5"].flatMap((protection) => [
    ["mmap", "2", protection, "1"],
    ["mprotect", "2", protection, "1"],
  ]);
  testWith(["cc"], "by a filter: none is asked for", async () => {
    const program = await refuse();
    const refused = codes.flatMap((code) => [program, ...code]);
    const result = await run([...refused, executable, "127.0.0.1", "0", await staticProbe()]);
    expect(result).toMatchObject({ exit: 42, stderr: "" });
  });
  testWith(["cc", "Linux 6.3"], "by prctl(PR_SET_MDWE): none is asked for", async () => {
    const refused = [await arrange(), "prctl", `${PR_SET_MDWE}`, `${PR_MDWE_REFUSE_EXEC_GAIN}`, "--"];
    expect(await run([...refused, executable, "127.0.0.1", "0", "/bin/echo", "ran"])).toEqual(ran);
    expect(await run([...refused, executable, "--help"])).toEqual(await bind(["--help"]));
  });
});

describe("little memory", () => {
  test.each([
    "ulimit -v 131072",
    "ulimit -v 16384",
    "ulimit -d 65536",
    "ulimit -d 8192",
    "ulimit -s 32",
    "ulimit -l 0",
  ])("%s: enough", async (limit) => {
    expect(await sh(`${limit}; exec ${command}`)).toEqual(ran);
    for (const args of [["--help"], ["x", "0", "prog"], ["--version"]]) {
      expect(await sh(`${limit}; exec "$binder" "$@"`, args)).toEqual(await bind(args));
    }
  });
});

describe("open files", () => {
  test.each([4, 5, 6])("%d at most: enough", async (limit) => {
    expect(await sh(`ulimit -n ${limit}; exec ${command}`)).toEqual(ran);
  });
  testWith(["cc"], "3 at most, stdin closed: enough for us; prog is a static one", async () => {
    const { exit, stdout, stderr } = await sh('exec <&-; ulimit -n 3; exec "$binder" 127.0.0.1 0 "$1"', [
      await staticProbe(),
    ]);
    expect({ exit, stderr }).toEqual({ exit: 42, stderr: "" });
    expect(JSON.parse(stdout).socket.listening).toBe(true);
  });
});

describe("the current directory deleted", () => {
  const gone = "mkdir gone; cd gone; rmdir ../gone; exec";
  test("a program runs", async () => {
    expect(await sh(`${gone} ${command}`, [], { cwd: directory })).toEqual(ran);
  });
  test("--version and errors are as ever", async () => {
    for (const args of [["--version"], ["--help"], ["not-an-ip", "0", "x"]]) {
      expect(await sh(`${gone} "$binder" "$@"`, args, { cwd: directory })).toEqual(await bind(args));
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
    { path: /^\d+:memory:(.*)$/m, mount: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
    { path: /^0::(.*)$/m, mount: "/sys/fs/cgroup", limit: "memory.max" },
  ];
  for (const { path, mount, limit } of candidates) {
    const parent = join(mount, path.exec(own)?.[1] ?? "/");
    // A group below ours, or below the root where ours is somebody else's.
    for (const directory of [parent, mount]) {
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
  // /tmp may be memory.
  const onDisk = scratch(join(root, "dist"));
  const parent = memoryGroup();
  const reason = parent ? "" : " (no memory controller that this user may use)";
  const inGroup = async (bytes: number) => {
    if (!parent) throw new Error("no group");
    const group = join(parent.directory, `socketbinder-${process.pid}`);
    mkdirSync(group);
    try {
      writeFileSync(join(group, parent.limit), `${bytes}`);
      // Whoever reads a page that the page cache has not pays for it: the group.
      const forgotten = 'cp "$binder" "$2"; sync "$2"; dd if="$2" iflag=nocache count=0 status=none';
      const script = `${forgotten}; echo $$ >"$1/cgroup.procs"; exec "$2" 127.0.0.1 0 /bin/echo ran`;
      return await sh(script, [group, join(onDisk, "copy")]);
    } finally {
      rmdirSync(group);
    }
  };
  test.skipIf(!parent)(`of 8 MB: enough${reason}`, async () => {
    expect(await inGroup(8 * 2 ** 20)).toEqual(ran);
  });
});
