/**
 * What an executable is made of, recorded by its build: the versions say where
 * the sources of exactly these parts are.
 */

import { readFileSync } from "node:fs";
import { version } from "../package.json";

export interface Versions {
  /** Our own version. */
  version: string;
  bun: { version: string; revision: string };
  /** What the runtime says that it was built from (`process.versions`): a version, or a commit. */
  components: Record<string, string>;
  /** The C library whose code and data are in the file; absent where the file loads one when it starts. */
  libc?: Libc;
}

export interface Libc {
  /** glibc's release, such as 2.36. */
  version: string;
  /** What its packagers call it, such as "Debian GLIBC 2.36-9+deb12u14". */
  package: string;
}

/** What the build writes beside an executable. */
export const versionsFile = "versions.json";

/**
 * The text of {@link versionsFile}, the same for everyone who builds from the same parts.
 *
 * @param runtime the Bun that the executable contains; one that runs on this machine.
 * @param libc the libc.so.6 that the executable contains, if it contains one.
 * @throws Error when one of the two does not say what it is.
 */
export function recordVersions(runtime = process.execPath, libc?: string): string {
  const versions: Versions = { version, ...runtimeVersions(runtime) };
  if (libc !== undefined) versions.libc = libcVersion(readFileSync(libc).toString("latin1"), libc);
  return `${JSON.stringify(versions, null, 2)}\n`;
}

/** The libc.so.6 of this process, and so of every program for glibc that it starts. */
export function ownLibc(): string {
  const file = / (\/\S*\/libc\.so\.6)$/m.exec(readFileSync("/proc/self/maps", "latin1"))?.[1];
  if (!file) throw new Error("this Bun does not run on the GNU C Library");
  return file;
}

/** Ask a Bun, from where no configuration of its own is, and without an environment. */
function runtimeVersions(runtime: string): Pick<Versions, "bun" | "components"> {
  const question = "JSON.stringify([Bun.version, Bun.revision, process.versions])";
  const { success, stdout, stderr } = Bun.spawnSync([runtime, "--print", question], { cwd: "/", env: {} });
  if (!success) throw new Error(`${runtime} does not say its versions: ${stderr}`);
  const [version, revision, { bun: _, ...components }] = JSON.parse(String(stdout));
  return { bun: { version, revision }, components };
}

/** What glibc says of itself (csu/version.c); its packagers put their version into the parentheses. */
export function libcVersion(image: string, path: string): Libc {
  const banner = /GNU C Library \(([^)]+)\) \w+ release version ([\d.]*\d)/.exec(image);
  if (!banner) throw new Error(`${path} is not a GNU C Library`);
  return { version: banner[2]!, package: banner[1]! };
}
