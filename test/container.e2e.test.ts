/**
 * The image of examples/container/, put together from what its Dockerfile copies, on several bases, and entered as
 * a container engine would: a root of its own, read-only, /proc, nobody, no environment.
 */

import { expect } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { answerOf, executable, ok, root, run, scratch, start, testWith } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";

const directory = scratch();

interface Image {
  /** Where each file comes from, by its path in the image. */
  files: Map<string, { stage: string; path: string }>;
  entrypoint: string[];
}

/** What the last stage of the Dockerfile says. */
function parse(): Image {
  const text = readFileSync(join(root, "examples/container/Dockerfile"), "utf8");
  const image: Image = { files: new Map(), entrypoint: [] };
  for (const line of text.split("\nFROM ${BASE}\n")[1]!.split("\n")) {
    const [instruction, ...words] = line.split(/\s+/);
    if (instruction === "ENTRYPOINT") image.entrypoint = JSON.parse(line.slice("ENTRYPOINT ".length));
    if (instruction !== "COPY") continue;
    const [from = "", path = "", to = ""] = words;
    expect([line, from.startsWith("--from="), to.endsWith("/")]).toEqual([line, true, true]);
    image.files.set(to + basename(path), { stage: from.slice("--from=".length), path });
  }
  return image;
}

const image = parse();

/** Put the image together in a directory. */
async function assemble(base: string, files: readonly string[]): Promise<string> {
  const httpd = join(directory, "httpd");
  const source = join(root, "examples/container/httpd.c");
  expect(await run(["cc", "-Wall", "-static", "-Os", "-o", httpd, source])).toEqual(ok());
  const top = join(directory, base);
  for (const file of files) place(file, top, file);
  for (const [file, { stage, path }] of image.files) {
    if (stage === "build") expect(path).toBe(executable.replace(root, "/src"));
    place(stage === "build" ? executable : httpd, top, file);
  }
  mkdirSync(join(top, "proc"));
  return top;
}

function place(source: string, top: string, file: string): void {
  mkdirSync(join(top, dirname(file)), { recursive: true });
  copyFileSync(source, join(top, file));
  chmodSync(join(top, file), 0o755);
}

/** The command that runs another with `top` as its root, and nothing else of this machine but the network. */
function inside(top: string, command: readonly string[]): string[] {
  const script = `
    mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -o remount,bind,ro "$1" || exit
    cd "$1" && shift && exec env -i "$(command -v chroot)" --userspec=65534:65534 --groups= . "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", top, ...command];
}

async function serves(top: string, prefix: readonly string[]): Promise<void> {
  const port = String(freePort());
  const command = image.entrypoint.map((word) => (word === "8080" ? port : word));
  expect(command).not.toEqual(image.entrypoint);
  await using server = start(inside(top, [...prefix, ...command]));
  expect(await answerOf(`http://127.0.0.1:${port}/`)).toBe("hello\n");

  // The same process, become the server: it is in there, and has what was asked for.
  const proc = `/proc/${server.pid}`;
  expect(readFileSync(`${proc}/cmdline`, "utf8")).toBe("/usr/bin/httpd\0");
  const status = readFileSync(`${proc}/status`, "utf8");
  expect(status).toContain("\nUid:\t65534\t65534\t65534\t65534\n");
  expect(status).toMatch(/\nGroups:\t *\n/);
  expect(status).toContain("\nCapEff:\t0000000000000000\n");
  expect(readFileSync(`${proc}/mountinfo`, "utf8")).toMatch(/^\S+ \S+ \S+ \S+ \/ ro[, ]/m);
  expect(readdirSync(`${proc}/root`).sort()).toEqual(readdirSync(top).sort());
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
}

/** A program and the files that it needs. */
async function withLibraries(program: string): Promise<string[]> {
  const { stdout } = await run(["ldd", program]);
  return [program, ...[...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, library = ""]) => library)];
}

const tools = ["root", "unshare", "mount", "chroot", "cc"];

testWith(tools, "scratch: the two files that are copied are enough", async () =>
  serves(await assemble("scratch", []), []),
);

testWith([...tools, "busybox", "ldd"], "a base with a shell and a libc: the same two files", async () => {
  const busybox = Bun.which("busybox")!;
  const top = await assemble("base", await withLibraries(busybox));
  await serves(top, [busybox, "sh", "-c", 'exec "$@"', "sh"]);
});
