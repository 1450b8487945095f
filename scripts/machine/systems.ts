/** The systems that machines run: Debian's kernel, with busybox or systemd, all in the memory of the machine. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Glob } from "bun";
import { output } from "./command.ts";
import { file, fileAt, link, pack, type File, type Files } from "./cpio.ts";
import { download, type Suite } from "./debian.ts";

const here = import.meta.dir;
const cache = join(here, "../../node_modules/.cache/machine");

interface Source extends Suite {
  /** The package that stands for the newest kernel of its kind; or one of its source, to build it from. */
  kernel: string;
  init: keyof typeof inits;
}

const arm64 = { architecture: "arm64", kernel: "linux-image-cloud-arm64" };
const x64 = { architecture: "amd64", kernel: "linux-image-cloud-amd64" };

const sources = {
  "arm64-5.10": { ...arm64, release: "bullseye", init: "busybox" },
  "arm64-6.1": { ...arm64, release: "bookworm", init: "busybox" },
  "arm64-64k": { ...arm64, kernel: "linux-source-6.1", release: "bookworm", init: "busybox" },
  "arm64-16k": { ...arm64, kernel: "linux-image-arm64-16k", release: "trixie", init: "busybox" },
  "x64-5.10": { ...x64, release: "bullseye", init: "busybox" },
  "x64-6.1": { ...x64, release: "bookworm", init: "busybox" },
  "x64-6.12": { ...x64, release: "trixie", init: "busybox" },
  "x64-systemd": { ...x64, release: "trixie", init: "systemd" },
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
export const jobDirectory = (channel: number | "%i") => `jobs/${channel}`;

const everyChannel = Array.from({ length: channels }, (_, index) => index + 1);

/** What is around the first process, and starts the workers. */
interface Init {
  /** Packages, which come with what they depend on. */
  packages: readonly string[];
  /** What is taken from all these, besides libraries. */
  programs: RegExp;
  /** Modules of the kernel that are loaded after those of `toHost`. */
  modules: readonly string[];
  /** Files that no package has. */
  made: () => Record<string, File>;
}

const inits = {
  busybox: {
    packages: ["busybox-static", "libc6"],
    programs: /^(usr\/)?bin\/busybox$/,
    modules: [],
    made: () => ({
      "bin/sh": link("busybox"),
      "sbin/init": link("/bin/busybox"),
      "etc/inittab": file(
        everyChannel.map((port) => `::respawn:/worker /dev/vport0p${port} /${jobDirectory(port)}\n`).join(""),
      ),
    }),
  },
  // With no unit but targets and the workers it starts in seconds.
  systemd: {
    packages: ["busybox-static", "systemd", "iproute2", "dash"],
    programs:
      /^(usr\/)?(bin\/(busybox|dash|ip|systemctl)|lib\/systemd\/(systemd|systemd-executor|system\/[^/]+\.target))$/,
    modules: ["veth", "vrf"],
    made: () => ({
      // Busybox's sh(1) would take its own ip(8).
      "bin/sh": link("dash"),
      "sbin/init": link("/lib/systemd/systemd"),
      // It looks for its files there.
      usr: link("."),
      // With an identity it is not the first start of this machine.
      "etc/machine-id": file(`${"1".repeat(32)}\n`),
      "etc/systemd/system/default.target": file(
        `[Unit]\n${everyChannel.map((port) => `Wants=worker@${port}.service\n`).join("")}`,
      ),
      "etc/systemd/system/worker@.service": file(`[Unit]
Description=What does the jobs that come through port %i
DefaultDependencies=no

[Service]
ExecStart=/worker /dev/vport0p%i /${jobDirectory("%i")}
# As it is for what busybox starts.
IgnoreSIGPIPE=no
`),
    }),
  },
} as const satisfies Record<string, Init>;

/** What the kernel needs to talk to its host, in the order in which one needs the other. Some have it built in. */
const toHost = [
  ...["virtio", "virtio_ring", "virtio_pci_legacy_dev", "virtio_pci_modern_dev", "virtio_pci"],
  "virtio_console",
];

/** Those of glibc without its character sets, and systemd's own. */
const libraries = /^(usr\/)?lib(64)?\/(\w+-linux-gnu\/(systemd\/)?)?[^/]+\.so[^/]*$/;

/** The system, made from Debian's packages when it is asked for first. */
export async function system(name: SystemName): Promise<System> {
  const directory = join(cache, `${name}-${version()}`);
  const files = { kernel: join(directory, "kernel"), initrd: join(directory, "initrd") };
  if (existsSync(directory)) return files;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, `tmp-${name}-`));
  try {
    const { kernel, init: initName, ...suite } = sources[name];
    const init = inits[initName];
    const root = join(scratch, "root");
    for (const path of await download({ kernel, packages: init.packages }, suite, scratch)) {
      await output(["dpkg-deb", "-x", path, root]);
    }
    const made = join(scratch, "made");
    mkdirSync(made);
    const [image] = find(/^boot\/vmlinuz-/, root);
    const [source] = find(/^usr\/src\/linux-source-.*\.tar\.xz$/, root);
    if (image) renameSync(join(root, image), join(made, "kernel"));
    else if (source) await output([join(here, "kernel-64k/build"), join(root, source), join(made, "kernel")]);
    else throw new Error(`there is no kernel in the package ${kernel}`);
    writeFileSync(join(made, "initrd"), pack(contents(root, init)));
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
function contents(root: string, { programs, modules, made }: Init): Files {
  const files: Files = new Map();
  for (const path of [...find(libraries, root), ...find(programs, root)]) {
    // Releases differ in what is below usr/; in the machine nothing is.
    files.set(path.replace(/^usr\//, ""), fileAt(join(root, path)));
  }
  [...toHost, ...modules].forEach((module, index) => {
    for (const path of find(new RegExp(`/${module}\\.ko`), root)) {
      files.set(`modules/${index}-${basename(path)}`, fileAt(join(root, path)));
    }
  });
  for (const name of ["start", "worker"]) files.set(name, fileAt(join(here, "guest", name)));
  files.set("init", link("start"));
  for (const [path, file] of Object.entries(made())) files.set(path, file);
  return files;
}

/** What lies in `root` under a path that matches. */
function find(pattern: RegExp, root: string): string[] {
  const all = new Glob("**").scanSync({ cwd: root, onlyFiles: false });
  return [...all].filter((path) => pattern.test(path)).sort();
}
