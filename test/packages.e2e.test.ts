/** What `npm run packages` and `npm run release` make of both architectures' executables. */

import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json";
import { architectures, built, targets, type Target } from "../scripts/packages/built.ts";
import { fatal, name, ok, root, run, scratch, isThorough, testIf, testWith } from "./support/harness.ts";
import { layOut, own } from "./support/packages.ts";

const directory = scratch();
const dist = join(directory, "dist");
const out = join(directory, "out");

/** The command that runs a script of the project. */
const script = (file: string, ...args: string[]) => [process.execPath, join(root, "scripts", file), ...args];

beforeAll(async () => {
  layOut(dist);
  const made = await run(script("packages.ts", "--dist", dist, "--out", out), { cwd: "/" });
  expect(made).toMatchObject({ exit: 0, stderr: "" });
}, 600_000);

const debOf = (target: Target) => join(out, `${name}_${version}_${architectures[target].debian}.deb`);
const executableOf = (target: Target) => readFileSync(join(dist, target, name));

/** The paths of the files below a directory. */
const files = (top: string) =>
  readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
    .sort();

/** The paths in the list of sums of a directory, which are right. */
async function summed(tool: string, list: string, cwd: string): Promise<string[]> {
  expect(await run([tool, "--check", "--quiet", list], { cwd })).toEqual(ok());
  return readFileSync(join(cwd, list), "utf8").match(/(?<= {2}).*/g) ?? [];
}

testWith(["sha256sum"], "there are packages of both architectures, with their sums", async () => {
  const made = [
    `${name}-${version}.tgz`,
    ...["x64", "arm64"].map((cpu) => `${name}-linux-${cpu}-${version}.tgz`),
    ...["x64", "arm64"].map((cpu) => `${name}-linux-${cpu}.spdx.json`),
    ...["amd64", "arm64"].map((cpu) => `${name}_${version}_${cpu}.deb`),
  ];
  expect((await summed("sha256sum", "SHA256SUMS", out)).sort()).toEqual(made.toSorted());
  expect(readdirSync(out).sort()).toEqual([...made, "SHA256SUMS", "image"].sort());
});

describe("a release", () => {
  const release = join(dist, "release");

  testWith(
    ["dpkg-deb", "sha256sum"],
    "made with another umask, time zone, language and directory: the same packages, and how they would be uploaded",
    async () => {
      const elsewhere = {
        TZ: "Asia/Tokyo",
        LC_ALL: "C.UTF-8",
        SOURCE_DATE_EPOCH: "1",
        npm_config_umask: "077",
      };
      const command = ["sh", "-c", 'umask 077; exec "$@"', "sh", ...script("release.ts", "--dist", dist)];
      const { exit, stdout, stderr } = await run(command, { env: { ...process.env, ...elsewhere } });
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      const sums = readFileSync(join(out, "SHA256SUMS"), "utf8");
      expect(readFileSync(join(dist, "packages/SHA256SUMS"), "utf8")).toBe(sums);
      const all = readFileSync(join(release, "SHA256SUMS"), "utf8").split("\n");
      expect(all).toEqual(expect.arrayContaining(sums.split("\n")));

      const lines = stdout.trimEnd().split("\n");
      const paths = [...(await summed("sha256sum", "SHA256SUMS", release)), "SHA256SUMS"];
      expect(readdirSync(release).sort()).toEqual(paths.toSorted());
      const would = lines.filter((line) => line.startsWith("would run: "));
      expect(lines).toEqual([...paths.map((path) => join(release, path)), ...would]);
      expect(would.map((line) => line.split(" ")[2])).toEqual(["docker", "npm", "npm", "npm", "gh"]);
      const notes = readFileSync(join(dist, "release-notes.md"), "utf8").trim();
      expect(notes).not.toBe("");
      expect(readFileSync(join(root, "CHANGELOG.md"), "utf8")).toContain(notes);

      for (const target of targets) {
        const file = join(release, `${name}-${target}`);
        expect(readFileSync(file).equals(executableOf(target))).toBe(true);
        expect(existsSync(`${file}.map`)).toBe(true);
        const licences = readFileSync(`${file}.licences.txt`, "utf8");
        expect(licences).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
        expect(licences).toContain("https://github.com/oven-sh/WebKit/tree/");
      }
    },
    120_000,
  );

  test("is not uploaded from elsewhere than the project's repository", async () => {
    const env = { ...process.env, GITHUB_REPOSITORY: "Owner/Name", GITHUB_REF_NAME: `v${version}` };
    const { exit, stdout, stderr } = await run(script("release.ts", "--dist", dist, "--publish"), { env });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(/^release: .*package\.json has .*\n$/);
  });
});

describe("nothing is packaged", () => {
  test.each([
    [["--target", "linux-riscv64"], "unknown target linux-riscv64; known: linux-x64, linux-arm64"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["linux-x64"], "Unexpected argument 'linux-x64'"],
  ])("for %s", async (args, problem) => {
    const at = join(directory, "nothing");
    const result = await run(script("packages.ts", "--out", at, ...args));
    expect(result).toMatchObject({ exit: 1, stdout: "" });
    expect(result.stderr).toStartWith(`packages: ${problem}`);
    expect(existsSync(at)).toBe(false);
  });

  test("that was not built, or was built as another version", () => {
    const dist = join(directory, "incomplete/dist");
    const missing = "is not there: npm run build:all";
    expect(() => built("linux-x64", dist)).toThrow(`dist/linux-x64/${name} ${missing}`);
    mkdirSync(join(dist, "linux-x64"), { recursive: true });
    writeFileSync(join(dist, "linux-x64", name), "");
    expect(() => built("linux-x64", dist)).toThrow(`dist/linux-x64/versions.json ${missing}`);
    writeFileSync(join(dist, "linux-x64/versions.json"), '{"version":"0.0.9"}');
    expect(() => built("linux-x64", dist)).toThrow(
      `dist/linux-x64 is version 0.0.9, not ${version}: build it again`,
    );
  });
});

testIf(isThorough)(
  ["lintian"],
  "lintian has nothing to say of the Debian packages",
  async () => {
    const options = ["--fail-on", "warning", "--display-level", "warning", "--allow-root"];
    const env = { ...process.env, TMPDIR: directory };
    expect(await run(["lintian", ...options, ...targets.map(debOf)], { env })).toEqual(ok());
  },
  120_000,
);

/** dpkg of a system that has nothing but this in it, and that knows nothing of this machine. */
const dpkg = (top: string, ...args: string[]) => {
  const apart = [`--root=${top}`, `--log=${top}/log`, "--path-include=*", "--force-unsafe-io"];
  return run(["dpkg", ...apart, ...args]);
};

/** Such a system, which takes packages of both architectures. */
const emptySystem = (title: string) => {
  const top = join(directory, title);
  for (const part of ["info", "updates", "triggers"])
    mkdirSync(join(top, "var/lib/dpkg", part), { recursive: true });
  writeFileSync(join(top, "var/lib/dpkg/status"), "");
  const known = [own, ...targets.filter((target) => target !== own)];
  writeFileSync(
    join(top, "var/lib/dpkg/arch"),
    known.map((target) => `${architectures[target].debian}\n`).join(""),
  );
  return top;
};

describe.each(targets)("%s", (target) => {
  const { cpu, debian } = architectures[target];

  testWith(["tar"], "the package for npm has its executable, what it is for, and its licences", async () => {
    const top = join(directory, `npm-${target}`);
    mkdirSync(top);
    const archive = join(out, `${name}-${target}-${version}.tgz`);
    expect(await run(["tar", "--extract", "--file", archive, "--directory", top])).toEqual(ok());
    const inside = join(top, "package");
    const file = join(inside, "bin", name);
    expect(readFileSync(file).equals(executableOf(target))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(files(inside)).toEqual(expect.arrayContaining(["LICENSE", "NOTICE", "licenses/LGPL-2.1.txt"]));
    const manifest = JSON.parse(readFileSync(join(inside, "package.json"), "utf8"));
    const bin = { [name]: `bin/${name}` };
    expect(manifest).toMatchObject({ name: `${name}-${target}`, version, os: ["linux"], cpu: [cpu], bin });
    for (const field of ["libc", "scripts", "dependencies"]) expect(manifest).not.toHaveProperty(field);
  });

  testWith(
    ["dpkg-deb", "md5sum"],
    "the Debian package has its executable, and sums that are right",
    async () => {
      const top = join(directory, `extracted-${target}`);
      const deb = debOf(target);
      expect(await run(["dpkg-deb", "--raw-extract", deb, top])).toEqual(ok());
      expect(readFileSync(join(top, "usr/bin", name)).equals(executableOf(target))).toBe(true);
      expect(await summed("md5sum", "DEBIAN/md5sums", top)).toEqual(
        files(top).filter((file) => !file.startsWith("DEBIAN/")),
      );
      const { stdout } = await run(["dpkg-deb", "--field", deb, "Package", "Version", "Architecture"]);
      expect(stdout).toBe(`Package: ${name}\nVersion: ${version}\nArchitecture: ${debian}\n`);
      const copyright = readFileSync(join(top, `usr/share/doc/${name}/copyright`), "utf8");
      expect(copyright).toContain("https://github.com/oven-sh/WebKit/tree/");
    },
  );

  testWith(
    ["root", "dpkg", "chroot", "mandoc"],
    "the Debian package is installed, works, and leaves nothing",
    async () => {
      const top = emptySystem(`system-${target}`);
      expect(await dpkg(top, "--install", debOf(target))).toMatchObject({ exit: 0, stderr: "" });
      if (target === own) {
        const command = ["chroot", top, `/usr/bin/${name}`];
        expect(await run([...command, "--version"])).toMatchObject({ exit: 0, stderr: "" });
        expect(await run([...command, "127.0.0.1", "0", "/prog"])).toEqual(
          fatal("unable to exec /prog: No such file or directory", 127),
        );
      }
      const page = join(top, `usr/share/man/man8/${name}.8.gz`);
      expect((await run(["mandoc", "-T", "utf8", page])).stdout).toContain("LISTEN_FDS");
      expect((await run(["zcat", join(top, `usr/share/doc/${name}/changelog.gz`)])).stdout).toStartWith(
        `${name} (${version}) `,
      );
      expect(await dpkg(top, "--verify", name)).toEqual(ok());
      expect(await dpkg(top, "--purge", name)).toMatchObject({ exit: 0, stderr: "" });
      expect(files(top).filter((file) => !/^(log|var\/lib\/dpkg\/.*)$/.test(file))).toEqual([]);
      expect(existsSync(join(top, "usr"))).toBe(false);
    },
  );

  testWith(
    ["root", "buildah", "chroot"],
    "the container image holds the executable and the licences",
    async () => {
      const apart = ["--root", join(directory, "images"), "--runroot", join(directory, "run")];
      const buildah = (...args: string[]) => run(["buildah", ...apart, "--storage-driver", "vfs", ...args]);
      const options = ["--platform", `linux/${debian}`, "--isolation", "chroot", "--quiet", "--tag", debian];
      const build = await buildah("build", ...options, "--file", join(root, "Dockerfile"), out);
      expect(build).toMatchObject({ exit: 0 });
      const container = (await buildah("from", "--arch", debian, debian)).stdout.trim();
      const top = (await buildah("mount", container)).stdout.trim();
      expect(files(top)).toEqual(files(join(out, "image", debian)));
      expect(readFileSync(join(top, name)).equals(executableOf(target))).toBe(true);
      expect(files(top)).toEqual(expect.arrayContaining(["LICENSE", "NOTICE", "licenses/LGPL-2.1.txt"]));
      const format = "{{.OCIv1.Architecture}} {{.OCIv1.Config.Entrypoint}}";
      expect(await buildah("inspect", "--format", format, container)).toEqual(ok(`${debian} [/${name}]`));
      if (target === own)
        expect(await run(["chroot", top, `/${name}`, "--version"])).toMatchObject({ exit: 0, stderr: "" });
      await buildah("rm", container);
    },
    120_000,
  );
});

testWith(
  ["root", "dpkg", "dpkg-deb"],
  "the Debian package is not installed beside the original",
  async () => {
    const top = emptySystem("with-the-original");
    const original = join(directory, "original");
    mkdirSync(join(original, "DEBIAN"), { recursive: true });
    mkdirSync(join(original, "usr/bin"), { recursive: true });
    writeFileSync(join(original, "usr/bin", name), "");
    const fields = [
      "Package: s6-networking",
      "Version: 2.8.0.1-1",
      "Architecture: all",
      "Maintainer: a <a@b.org>",
      "Description: d",
    ];
    writeFileSync(join(original, "DEBIAN/control"), `${fields.join("\n")}\n`);
    expect(await run(["dpkg-deb", "--build", original, `${original}.deb`])).toMatchObject({ exit: 0 });
    expect(await dpkg(top, "--install", `${original}.deb`)).toMatchObject({ exit: 0, stderr: "" });
    const { exit, stderr } = await dpkg(top, "--install", debOf(own));
    expect(stderr).toContain(`${name} conflicts with s6-networking`);
    expect(exit).toBe(1);
  },
);
