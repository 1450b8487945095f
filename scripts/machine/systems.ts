/** The systems that machines run: Debian's kernel, its C library, and busybox, all in the machine's memory. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Glob } from "bun";
import { output } from "./command.ts";
import { file, fileAt, link, pack, type Files } from "./cpio.ts";
import { download, type Suite } from "./debian.ts";

const here = import.meta.dir;
const cache = join(here, "../../node_modules/.cache/machine");

interface Source extends Suite {
  /** The package that stands for the newest kernel of its kind. */
  kernel: string;
}

const sources = {
  "arm64-5.10": { architecture: "arm64", release: "bullseye", kernel: "linux-image-cloud-arm64" },
  "arm64-6.1": { architecture: "arm64", release: "bookworm", kernel: "linux-image-cloud-arm64" },
  "arm64-16k": { architecture: "arm64", release: "trixie", kernel: "linux-image-arm64-16k" },
  "x64-5.10": { architecture: "amd64", release: "bullseye", kernel: "linux-image-cloud-amd64" },
  "x64-6.1": { architecture: "amd64", release: "bookworm", kernel: "linux-image-cloud-amd64" },
  "x64-6.12": { architecture: "amd64", release: "trixie", kernel: "linux-image-cloud-amd64" },
} as const satisfies Record<string, Source>;

export type SystemName = keyof typeof sources;

/** What a machine starts from: paths of files. */
export interface System {
  kernel: string;
  initrd: string;
}

/** How many jobs a machine does at the same time. */
export const channels = 2;

/** Where a channel's jobs are, in the machine: without a leading slash. */
export const jobDirectory = (channel: number) => `jobs/${channel}`;

/** What the kernel needs to talk to its host, in the order in which one needs the other. Some have it built in. */
const modules = [
  ...["virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"],
  "virtio_console",
];

/** Of glibc, without its character sets. */
const libraries = /^(usr\/)?lib(64)?\/(\w+-linux-gnu\/)?[^/]+\.so[^/]*$/;

/** The system, made from Debian's packages when it is asked for first. */
export async function system(name: SystemName): Promise<System> {
  const directory = join(cache, `${name}-${version()}`);
  const files = { kernel: join(directory, "kernel"), initrd: join(directory, "initrd") };
  if (existsSync(directory)) return files;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, `tmp-${name}-`));
  try {
    const { kernel, ...suite } = sources[name];
    const root = join(scratch, "root");
    for (const path of await download([kernel, "busybox-static", "libc6"], suite, scratch)) {
      await output(["dpkg-deb", "-x", path, root]);
    }
    const made = join(scratch, "made");
    mkdirSync(made);
    const [image] = find(/^boot\/vmlinuz-/, root);
    if (!image) throw new Error(`there is no kernel in the package ${kernel}`);
    renameSync(join(root, image), join(made, "kernel"));
    writeFileSync(join(made, "initrd"), pack(contents(root)));
    for (const old of new Glob(`${name}-*`).scanSync({ cwd: cache, onlyFiles: false })) {
      if (join(cache, old) !== directory) rmSync(join(cache, old), { recursive: true, force: true });
    }
    // Another build may have made the same meanwhile.
    if (!existsSync(directory)) renameSync(made, directory);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return files;
}

/** Changes with what makes the systems. */
function version(): string {
  const hash = new Bun.CryptoHasher("sha256");
  const sources = ["systems.ts", "debian.ts", "cpio.ts", "guest/start", "guest/worker"];
  for (const source of sources) hash.update(readFileSync(join(here, source)));
  return hash.digest("hex").slice(0, 16);
}

/** What is in the machine's memory when it starts, taken from the unpacked packages. */
function contents(root: string): Files {
  const files: Files = new Map();
  for (const path of [...find(libraries, root), ...find(/^(usr\/)?bin\/busybox$/, root)]) {
    // Releases differ in what is below usr/; in the machine nothing is.
    files.set(path.replace(/^usr\//, ""), fileAt(join(root, path)));
  }
  modules.forEach((module, index) => {
    for (const path of find(new RegExp(`/${module}\\.ko`), root)) {
      files.set(`modules/${index}-${basename(path)}`, fileAt(join(root, path)));
    }
  });
  for (const name of ["start", "worker"]) files.set(name, fileAt(join(here, "guest", name)));
  files.set("bin/sh", link("busybox"));
  files.set("init", link("start"));
  const worker = (channel: number) => `::respawn:/worker /dev/vport0p${channel} /${jobDirectory(channel)}\n`;
  const inittab = Array.from({ length: channels }, (_, index) => worker(index + 1)).join("");
  files.set("etc/inittab", file(inittab));
  return files;
}

/** What lies in `root` under a path that matches. */
function find(pattern: RegExp, root: string): string[] {
  const all = new Glob("**").scanSync({ cwd: root, onlyFiles: false });
  return [...all].filter((path) => pattern.test(path)).sort();
}
