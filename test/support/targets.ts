/** The executables of every target, and how to run each on Debian. */

import { mkdirSync, statSync } from "node:fs";
import { Glob } from "bun";
import { join } from "node:path";
import { targets, type Target } from "../../scripts/targets.ts";
import { compile, fixtures, name, root, run } from "./harness.ts";

/** By architecture, as it is called by Bun and Node.js: what Debian calls things. */
const architectures = {
  x64: { qemu: "qemu-x86_64-static", triplet: "x86_64-linux-gnu" },
  arm64: { qemu: "qemu-aarch64-static", triplet: "aarch64-linux-gnu" },
} as const;

const architectureOf = (target: Target) => (target.startsWith("linux-arm64") ? "arm64" : "x64");
export const isMusl = (target: Target) => target.endsWith("-musl");

/** Whether the target runs on another architecture, by qemu: some 0.7 s a start, and 20 times slower. */
export function isEmulated(target: Target): boolean {
  return architectureOf(target) !== process.arch;
}

/** The compiler for the target's architecture, and for glibc. */
export function targetCompiler(target: Target): string {
  return isEmulated(target) ? `${architectures[architectureOf(target)].triplet}-gcc` : "cc";
}

/** What the target needs of the machine, for `testWith`. */
export function targetTools(target: Target): string[] {
  const { qemu, triplet } = architectures[architectureOf(target)];
  return [
    ...(isEmulated(target) ? [qemu] : []),
    ...(isMusl(target) ? [targets[target].loader, targetCompiler(target), "musl-gcc"] : []),
    // There is a loader wherever there is the C library.
    ...(isEmulated(target) && !isMusl(target) ? [`/usr/${triplet}${targets[target].loader}`] : []),
  ];
}

/** Build dist/TARGET/ if it is not newer than what it is made of. @returns the path of the executable. */
export async function targetExecutable(target: Target): Promise<string> {
  const file = join(root, "dist", target, name);
  const built = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ["package.json", ...new Glob("{src,scripts}/**/*.ts").scanSync(root)];
  if (sources.some((source) => statSync(join(root, source)).mtimeMs >= built)) {
    const result = await run([process.execPath, "scripts/build.ts", "--target", target], { cwd: root });
    if (result.exit !== 0) throw new Error(result.stderr);
  }
  return file;
}

/** The emulator that the target needs on this machine, by its path: a test may take PATH away. */
export function targetEmulator(target: Target): string[] {
  const { qemu, triplet } = architectures[architectureOf(target)];
  return isEmulated(target) ? [Bun.which(qemu) ?? qemu, "-L", `/usr/${triplet}`] : [];
}

/**
 * The command in front of a program of the target's: nothing, an emulator, a loader, or both. What
 * the program finds in its environment is the same; with a loader it is the file behind /proc/self/exe.
 *
 * @param directory for what has to be made; it must outlive the use of the command.
 */
export async function targetPrefix(target: Target, directory: string): Promise<string[]> {
  const { triplet } = architectures[architectureOf(target)];
  const emulator = targetEmulator(target);
  if (!isMusl(target)) return emulator;
  // The name is the one that libstdc++ asks for on x64; nothing asks on arm64, hence --preload.
  const own = join(directory, target);
  const standin = join(own, "ld-linux-x86-64.so.2");
  mkdirSync(own, { recursive: true });
  const cc = [targetCompiler(target), "-shared", "-fPIC", "-nostdlib", "-O1"];
  const made = await run([...cc, "-o", standin, join(fixtures, "musl-standin.c")]);
  if (made.exit !== 0) throw new Error(`musl-standin.c: ${made.stderr}`);
  const libraries = isEmulated(target) ? `/usr/${triplet}/lib` : `/usr/lib/${triplet}`;
  const loader = [targets[target].loader, "--library-path", `${own}:${libraries}`, "--preload", standin];
  return [...emulator, ...loader];
}

/** The command that runs the target's executable: append its arguments. Builds it if necessary. */
export async function targetLauncher(target: Target, directory: string): Promise<string[]> {
  return [...(await targetPrefix(target, directory)), await targetExecutable(target)];
}

/** What the target's libc calls the error that glibc calls so. */
export async function targetErrorText(target: Target, directory: string): Promise<(glibc: string) => string> {
  if (!isMusl(target)) return (glibc) => glibc;
  const texts = async (cc: string[]) =>
    (await run([await compile("strerror.c", directory, cc)])).stdout.split("\n");
  const glibc = await texts(["cc"]);
  const musl = await texts(["musl-gcc", "-static"]);
  return (text) => musl[glibc.indexOf(text)] ?? text;
}
