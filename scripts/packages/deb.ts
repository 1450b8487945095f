/** The Debian package: what scripts/install.ts lays down, where Debian has it. */

import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { author, description, name, version } from "../../package.json";
import { installed } from "../install.ts";
import type { Versions } from "../versions.ts";
import { architectures, root, type Built } from "./built.ts";
import { changes, type Release } from "./changelog.ts";
import { licenceFiles, licenceTexts, notice } from "./notice.ts";
import { Tree } from "./tree.ts";

/** What /usr/share/common-licenses has, by our files' names; Debian does not want them a second time. */
const inDebian: Record<string, string> = {
  "Apache-2.0.txt": "Apache-2.0",
  "LGPL-2.0.txt": "LGPL-2",
  "LGPL-2.1.txt": "LGPL-2.1",
  "MPL-2.0.txt": "MPL-2.0",
};

/**
 * Make the package in the directory `out`.
 *
 * @returns its file's name.
 * @throws Error when dpkg-deb is not there, or fails.
 */
export async function packDebian(build: Built, release: Release, out: string): Promise<string> {
  if (!Bun.which("dpkg-deb")) throw new Error("dpkg-deb is not there: apt-get install dpkg");
  const scratch = mkdtempSync(join(out, ".deb-"));
  // The version as it is, since GitHub does not keep a ~ in the names of files.
  const file = `${name}_${version}_${architectures[build.target].debian}.deb`;
  try {
    const tree = new Tree(join(scratch, "package"), release.time);
    fill(tree, build, release);
    const made = join(scratch, file);
    // Every dpkg has gzip; the bytes of the others depend on the number of threads.
    const command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z6", "--build", tree.top, made];
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(release.time) };
    const child = Bun.spawn(command, { env, stdout: "ignore", stderr: "pipe" });
    const stderr = await child.stderr.text();
    if ((await child.exited) !== 0) throw new Error(stderr.trim());
    renameSync(made, join(out, file));
    return file;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function fill(tree: Tree, build: Built, release: Release): void {
  const doc = `usr/share/doc/${name}`;
  const files: [path: string, content: string | Uint8Array, mode?: number][] = [
    ...installed.map(({ from, to, mode }): [string, Uint8Array, number] => {
      const path = debianPath(to);
      const bytes = readFileSync(from === `dist/${name}` ? build.executable : join(root, from));
      return [path, path.endsWith(".gz") ? gzipSync(bytes, { level: 9 }) : bytes, mode];
    }),
    [`${doc}/copyright`, copyright(build.versions)],
    [`${doc}/changelog.gz`, gzipSync(changelog(release), { level: 9 })],
    [`${doc}/versions.json`, `${JSON.stringify(build.versions, null, 2)}\n`],
    [`usr/share/lintian/overrides/${name}`, overrides],
  ];
  for (const file of files) tree.add(...file);
  files.sort(([one], [other]) => (one < other ? -1 : 1));
  const md5 = (content: string | Uint8Array) => new Bun.CryptoHasher("md5").update(content).digest("hex");
  const sums = files.map(([path, content]) => `${md5(content)}  ${path}\n`);
  const size = files.reduce((total, [, content]) => total + Math.ceil(content.length / 1024), 0);
  tree.add("DEBIAN/control", control(build, size)).add("DEBIAN/md5sums", sums.join(""));
}

/** Where Debian has a file that is installed as `path` elsewhere, below /. */
export function debianPath(path: string): string {
  return `usr/${path}`
    .replace("zsh/site-functions", "zsh/vendor-completions")
    .replace(/^usr\/share\/man\/.*/, "$&.gz");
}

/** A later pre-release must not count as later than the release. */
export function debianVersion(version: string): string {
  return version.replace("-", "~");
}

/** @param size of what is installed, in KiB. */
export function control({ target, versions }: Pick<Built, "target" | "versions">, size: number): string {
  const libc = /^Debian GLIBC (\S+)$/.exec(versions.libc?.package ?? "")?.[1];
  return `Package: ${name}
Version: ${debianVersion(version)}
Architecture: ${architectures[target].debian}
Maintainer: ${author}
Installed-Size: ${size}
${libc ? `Built-Using: glibc (= ${libc})\n` : ""}Conflicts: s6-networking
Section: net
Priority: optional
Multi-Arch: foreign
Description: ${description[0]!.toLowerCase()}${description.slice(1)}
 It creates a TCP or UDP socket, binds it to an address and port, listens, and
 then executes a program with that socket as its standard input. The program
 replaces it in the same process.
 .
 It is a drop-in for the program of the same name in s6-networking, with options
 for the settings that must come before bind(2), for LISTEN_FDS, and to tell the
 port that was chosen.
`;
}

/** The changelog in Debian's form (deb-changelog(5)). */
export function changelog(release: Release): string {
  const date = new Date(release.time * 1000).toUTCString().replace("GMT", "+0000");
  const items = changes(release).map((text) => wrap(text, "  * ", "    "));
  return `${name} (${debianVersion(release.version)}) unstable; urgency=medium

${items.join("\n")}

 -- ${author}  ${date}
`;
}

function wrap(text: string, first: string, rest: string): string {
  const lines = [first.trimEnd()];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= 80) lines[lines.length - 1] = line;
    else lines.push(`${rest}${word}`);
  }
  return lines.join("\n");
}

function copyright(versions: Versions): string {
  const pointers = Object.values(inDebian).map((file) => `  /usr/share/common-licenses/${file}\n`);
  const texts = licenceFiles
    .filter((file) => !Object.hasOwn(inDebian, file))
    .map((file) => [file.replace(/\.txt$/, ""), readFileSync(join(licenceTexts, file), "utf8")]);
  texts.unshift(["ISC, our own", readFileSync(join(root, "LICENSE"), "utf8")]);
  return `${notice(versions, "are below")}
The full texts of these licences are on Debian systems in

${pointers.join("")}
${texts.map(([title, text]) => `---- ${title} ----\n\n${text}`).join("\n")}`;
}

const overrides = `# It is a process that was started when it was built, and written down: what it calls is in it, at fixed addresses.
${name}: statically-linked-binary [usr/bin/${name}]
`;
