/** The emulated machines that other tests use, and the build for another architecture. */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { file, pack, unpack, type Files } from "../../scripts/machine/cpio.ts";
import { Machine } from "../../scripts/machine/machine.ts";
import { ok, root, run, spawn, testWith, until } from "../support/harness.ts";
import { machine, machineTools } from "../support/machines.ts";

// The one that starts fastest.
const kind = "x64 Linux 5.10";
const started = machine(kind);
const withMachine = (title: string, body: (machine: Machine) => Promise<void>) =>
  testWith(machineTools(kind), title, async () => body(await started()), 120_000);

/** What arrives in pieces of so many bytes. */
function inPieces(bytes: Uint8Array, length: number): () => Promise<Uint8Array | undefined> {
  let start = 0;
  return async () => (start < bytes.length ? bytes.subarray(start, (start += length)) : undefined);
}

const files: Files = new Map([
  ["a", file("content")],
  ["b/c/d", file(Buffer.from([0, 255, 128]), 0o755)],
  ["b/empty", file("")],
]);

test.each([1, 7, 110, 4096])("an archive that arrives %d bytes at a time", async (length) => {
  const unpacked = await unpack(inPieces(pack(files), length));
  expect([...unpacked.keys()]).toEqual(["a", "b", "b/c", "b/c/d", "b/empty"]);
  for (const [path, packed] of files) expect(unpacked.get(path)).toEqual(packed);
});

test("an archive that breaks off is an error", () => {
  const bytes = pack(files);
  expect(unpack(inPieces(bytes.subarray(0, -1), 100))).rejects.toThrow("breaks off");
});

withMachine("arguments, environment, directory and input arrive as they are", async (machine) => {
  const script = 'printf "%s|" "$@" "$VARIABLE" "$(pwd)" "$(cat)"; echo error >&2; exit 7';
  const args = ["", " ", "a'b\"c\\d\n", "$HOME *", "é\u{1f600}", "-e"];
  const options = { env: { VARIABLE: "it's" }, cwd: "/etc", stdin: "in\0put" };
  expect(await machine.run(["sh", "-c", script, "sh", ...args], options)).toEqual({
    exit: 7,
    stdout: [...args, "it's", "/etc", "input"].map((word) => `${word}|`).join(""),
    stderr: "error\n",
  });
});

withMachine("the environment is replaced", async (machine) => {
  expect(await machine.run(["env"], { env: { A: "1", B: "2 3" } })).toEqual(ok("A=1\nB=2 3\n"));
});

withMachine("a signal counts as 128 and its number", async (machine) => {
  expect(await machine.run(["sh", "-c", "kill -9 $$"])).toEqual({ exit: 137, stdout: "", stderr: "" });
});

withMachine("files arrive, and come back", async (machine) => {
  await machine.put(new Map([...files].map(([path, packed]) => [`tmp/tree/${path}`, packed])));
  const mode = await machine.run(["stat", "-c", "%a", "/tmp/tree/b/c/d"]);
  expect(mode).toEqual(ok("755\n"));
  const back = await machine.get("tmp/tree");
  expect(back).toEqual(new Map([...files].map(([path, packed]) => [`tmp/tree/${path}`, packed])));
});

withMachine("many commands at the same time", async (machine) => {
  const numbers = Array.from({ length: 20 }, (_, index) => String(index));
  const results = await Promise.all(numbers.map((number) => machine.run(["echo", number])));
  expect(results).toEqual(numbers.map((number) => ok(`${number}\n`)));
});

withMachine("every signal is as it is in a fresh process", async (machine) => {
  const { stdout } = await machine.run(["grep", "-E", "Sig(Blk|Ign|Cgt)", "/proc/self/status"]);
  expect(stdout).toBe(["Blk", "Ign", "Cgt"].map((set) => `Sig${set}:\t0000000000000000\n`).join(""));
});

testWith(machineTools(kind), "a machine that does not start says why", () => {
  expect(Machine.start(kind, 64)).rejects.toThrow(/: the machine has ended: [^]*panic/);
});

const hold = `
  const { Machine } = await import(${JSON.stringify(join(root, "scripts/machine/machine.ts"))});
  await Machine.start(${JSON.stringify(kind)});
  console.log("started");`;

testWith(
  machineTools(kind),
  "it ends with the process that started it",
  async () => {
    await using holder = spawn([process.execPath, "-e", hold], ["ignore", "pipe", "inherit"]);
    const { value } = await holder.stdout.getReader().read();
    expect(Buffer.from(value ?? []).toString()).toBe("started\n");
    const children = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8")
      .trim()
      .split(" ");
    expect(children).toHaveLength(1);
    // The signal that it can do nothing about.
    holder.kill("SIGKILL");
    await until(`the end of process ${children[0]}`, () =>
      isRunning(Number(children[0])) ? undefined : true,
    );
  },
  120_000,
);

test("it says what to install", async () => {
  const env = { PATH: "/nonexistent" };

  const { exit, stderr } = await run([process.execPath, "-e", hold], { env });
  expect(exit).toBe(1);
  expect(stderr).toMatch(/error: \S+ is missing: on Debian, apt-get install \S+\n/);
});

/** Whether the process is there, and not dead and only not waited for. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
