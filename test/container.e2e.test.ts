/**
 * The images of examples/container/, put together from what their Dockerfiles
 * copy, and entered as a container engine would: a root of their own, read-only,
 * /proc, nobody, no environment.
 */

import { expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { answerOf, ok, root, run, scratch, start, testWith } from "./support/harness.ts";
import { freePort } from "./support/ports.ts";
import { targetExecutable, targetPrefix, targetTools } from "./support/targets.ts";

const directory = scratch();
const tools = ["root", "unshare", "mount", "chroot", "cc"];

interface Image {
  /** Where each file comes from, by its path in the image. */
  files: Map<string, { stage: string; path: string }>;
  entrypoint: string[];
}

/** What the last stage of a Dockerfile says. */
function parse(dockerfile: string): Image {
  const lines = readFileSync(join(root, "examples/container", dockerfile), "utf8")
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ")
    .split("\n");
  const stage = lines.slice(lines.indexOf("FROM scratch") + 1);
  const image: Image = { files: new Map(), entrypoint: [] };
  for (const line of stage) {
    const [instruction, ...words] = line.split(/\s+/);
    if (instruction === "ENTRYPOINT") image.entrypoint = JSON.parse(line.slice("ENTRYPOINT ".length));
    if (instruction !== "COPY") continue;
    const [from = "", ...paths] = words;
    const to = paths.pop() ?? "";
    expect([line, from.startsWith("--from="), to.endsWith("/")]).toEqual([line, true, true]);
    for (const path of paths)
      image.files.set(to + basename(path), { stage: from.slice("--from=".length), path });
  }
  return image;
}

/** Put the image together in a directory, the libraries from where `library` finds them on this machine. */
async function assemble(dockerfile: string, library: (path: string) => string): Promise<[string, Image]> {
  const image = parse(dockerfile);
  const target = dockerfile.startsWith("alpine") ? "linux-x64-musl" : "linux-x64";
  const httpd = join(directory, "httpd");
  const made = await run([
    "cc",
    "-Wall",
    "-static",
    "-Os",
    "-o",
    httpd,
    join(root, "examples/container/httpd.c"),
  ]);
  expect(made).toEqual(ok());

  const top = join(directory, dockerfile);
  for (const [file, { stage, path }] of image.files) {
    const source = {
      build: async () => {
        const built = await targetExecutable(target);
        expect(path).toBe(built.replace(root, "/src"));
        return built;
      },
      server: async () => httpd,
      libc: async () => library(path),
    }[stage];
    if (!source) throw new Error(`${dockerfile}: unknown stage ${stage}`);
    place(await source(), top, file);
  }
  mkdirSync(join(top, "proc"));
  return [top, image];
}

function place(source: string, top: string, file: string): void {
  mkdirSync(join(top, dirname(file)), { recursive: true });
  copyFileSync(source, join(top, file));
  chmodSync(join(top, file), 0o755);
}

/** The command that runs another with `top` as its root, and nothing else of this machine but the network. */
function inside(top: string, command: string[]): string[] {
  const script = `
    mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -o remount,bind,ro "$1" || exit
    cd "$1" && shift && exec env -i "$(command -v chroot)" --userspec=65534:65534 --groups= . "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", top, ...command];
}

async function serves(top: string, { files, entrypoint }: Image): Promise<void> {
  const port = String(freePort());
  const command = entrypoint.map((word) => (word === "8080" ? port : word));
  expect(command).not.toEqual(entrypoint);
  await using server = start(inside(top, command));
  expect(await answerOf(`http://127.0.0.1:${port}/`)).toBe("hello\n");

  // The same process, become the server: it is in there, and has what was asked for.
  const proc = `/proc/${server.pid}`;
  expect(readFileSync(`${proc}/cmdline`, "utf8")).toBe("/usr/bin/httpd\0");
  expect(readFileSync(`${proc}/environ`, "utf8")).toBe("");
  const status = readFileSync(`${proc}/status`, "utf8");
  expect(status).toContain("\nUid:\t65534\t65534\t65534\t65534\n");
  expect(status).toMatch(/\nGroups:\t *\n/);
  expect(status).toContain("\nCapEff:\t0000000000000000\n");
  expect(readFileSync(`${proc}/mountinfo`, "utf8")).toMatch(/^\S+ \S+ \S+ \S+ \/ ro[, ]/m);
  expect(readdirSync(`${proc}/root`).sort()).toEqual(
    [...new Set([...files.keys()].map((file) => file.split("/")[1] ?? "")), "proc"].sort(),
  );
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
}

/** Each of the files is missed. */
async function needsAll(top: string, { files, entrypoint }: Image): Promise<void> {
  const version = inside(top, [entrypoint[0] ?? "", "--version"]);
  expect(await run(version)).toMatchObject({ exit: 0, stderr: "" });
  for (const [file, { stage }] of files) {
    if (stage !== "libc") continue;
    renameSync(join(top, file), join(directory, "aside"));
    expect([file, (await run(version)).exit]).toEqual([file, 127]);
    renameSync(join(directory, "aside"), join(top, file));
  }
}

test.each([
  ["glibc", "debian-slim.Dockerfile"],
  ["glibc", "distroless.Dockerfile"],
  ["musl", "alpine.Dockerfile"],
])("the README's list for %s is what %s copies", (libc, dockerfile) => {
  const listed =
    readFileSync(join(root, "README.md"), "utf8").match(new RegExp(`^- ${libc} [^:]*: (.*)$`, "m"))?.[1] ??
    "";
  const names = listed.replaceAll(/ \(arm64: [^)]*\)/g, "").match(/(?<=`)[^`, ]+(?=`)/g) ?? [];
  const copied = [...parse(dockerfile).files].flatMap(([file, { stage }]) =>
    stage === "libc" ? [basename(file)] : [],
  );
  expect(names.toSorted()).toEqual(copied.toSorted());
});

// As they stand, they are for x64; their comments say what is different on arm64.
const onX64 = process.arch === "x64";

for (const dockerfile of onX64 ? ["debian-slim.Dockerfile", "distroless.Dockerfile"] : []) {
  testWith(tools, `${dockerfile}: the files that it copies are enough, and all are needed`, async () => {
    const [top, image] = await assemble(dockerfile, (path) => path);
    await serves(top, image);
    await needsAll(top, image);
  });
}

if (onX64)
  testWith(
    [...tools, ...targetTools("linux-x64-musl")],
    "alpine.Dockerfile: the files that it copies are enough, and all are needed",
    async () => {
      // musl is Debian's; so are the other two, which need the stand-in for what Alpine's do without.
      const [top, image] = await assemble("alpine.Dockerfile", (path) =>
        existsSync(path) ? path : path.replace(/^\/usr\/lib/, "/usr/lib/x86_64-linux-gnu"),
      );
      await targetPrefix("linux-x64-musl", directory);
      place(join(directory, "linux-x64-musl", "ld-linux-x86-64.so.2"), top, "/usr/lib/ld-linux-x86-64.so.2");
      await serves(top, image);
      await needsAll(top, image);
    },
  );
