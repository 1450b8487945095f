/** What `npm run packages` makes: the same bytes each time, a Debian package, a container image. */

import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version } from "../package.json";
import { architectures, built } from "../scripts/packages/built.ts";
import { executable, fatal, name, ok, root, run, scratch, testWith } from "./support/harness.ts";
import { makePackages, own } from "./support/packages.ts";

const directory = scratch();
const out = join(directory, "out");
const { debian } = architectures[own];
const deb = join(out, `${name}_${version}_${debian}.deb`);
let sums = "";

beforeAll(async () => {
  sums = await makePackages(out);
}, 600_000);

/** The paths in a list of sums. */
const pathsOf = (list: string): string[] => list.match(/(?<= {2}).*/g) ?? [];

/** The paths of the files below a directory. */
const files = (top: string) =>
  readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(top.length + 1))
    .sort();

testWith(["sha256sum"], "the sums are those of all that is there", async () => {
  expect((await run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], { cwd: out })).exit).toBe(0);
  expect(pathsOf(sums).sort()).toEqual(
    readdirSync(out)
      .filter((file) => file !== "SHA256SUMS" && file !== "image")
      .sort(),
  );
});

test("packed again, with another umask, time zone, language and directory: the same bytes", async () => {
  const command = ["sh", "-c", 'umask 077; exec "$@"', "sh"];
  const elsewhere = { TZ: "Asia/Tokyo", LC_ALL: "C.UTF-8", SOURCE_DATE_EPOCH: "1", npm_config_umask: "077" };
  const again = await makePackages(join(directory, "again"), command, elsewhere);
  const lines = again.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines.filter((line) => !sums.includes(line))).toEqual([]);
}, 300_000);

describe("nothing is packaged", () => {
  test.each([
    [["--target", "linux-riscv64"], "unknown target linux-riscv64; known: linux-x64, linux-arm64"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["linux-x64"], "Unexpected argument 'linux-x64'"],
  ])("for %s", async (args, problem) => {
    const at = join(directory, "nothing");
    const result = await run([process.execPath, join(root, "scripts/packages.ts"), "--out", at, ...args]);
    expect(result).toMatchObject({ exit: 1, stdout: "" });
    expect(result.stderr).toStartWith(`packages: ${problem}`);
    expect(existsSync(at)).toBe(false);
  });

  test("that was not built, or was built as another version", () => {
    const dist = join(directory, "dist");
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

describe("the Debian package", () => {
  testWith(
    ["lintian"],
    "has no error that lintian finds",
    async () => {
      const lintian = ["lintian", "--fail-on", "error", "--display-level", "error", "--allow-root", deb];
      expect(await run(lintian, { env: { ...process.env, TMPDIR: directory } })).toEqual(ok());
    },
    120_000,
  );

  testWith(["dpkg-deb"], "has its executable, and sums that are right", async () => {
    const top = join(directory, "extracted");
    expect(await run(["dpkg-deb", "--raw-extract", deb, top])).toEqual(ok());
    expect(readFileSync(join(top, "usr/bin", name)).equals(readFileSync(executable))).toBe(true);
    expect(await run(["md5sum", "--check", "--quiet", "DEBIAN/md5sums"], { cwd: top })).toEqual(ok());
    expect(pathsOf(readFileSync(join(top, "DEBIAN/md5sums"), "utf8"))).toEqual(
      files(top).filter((file) => !file.startsWith("DEBIAN/")),
    );
    const { stdout } = await run(["dpkg-deb", "--field", deb, "Package", "Version", "Architecture"]);
    expect(stdout).toBe(`Package: ${name}\nVersion: ${version}\nArchitecture: ${debian}\n`);
  });

  /** dpkg of a system that has nothing but this in it, and that knows nothing of this machine. */
  const dpkg = (top: string, ...args: string[]) => {
    const apart = [`--root=${top}`, `--log=${top}/log`, "--path-include=*", "--force-unsafe-io"];
    return run(["dpkg", ...apart, ...args]);
  };
  const emptySystem = (title: string) => {
    const top = join(directory, title);
    for (const part of ["info", "updates", "triggers"])
      mkdirSync(join(top, "var/lib/dpkg", part), { recursive: true });
    writeFileSync(join(top, "var/lib/dpkg/status"), "");
    return top;
  };

  testWith(["root", "dpkg", "chroot", "mandoc"], "is installed, works, and leaves nothing", async () => {
    const top = emptySystem("system");
    expect(await dpkg(top, "--install", deb)).toMatchObject({ exit: 0, stderr: "" });
    expect(await run(["chroot", top, `/usr/bin/${name}`, "--version"])).toMatchObject({
      exit: 0,
      stderr: "",
    });
    expect(await run(["chroot", top, `/usr/bin/${name}`, "127.0.0.1", "0", "/prog"])).toEqual(
      fatal("unable to exec /prog: No such file or directory", 127),
    );
    const page = join(top, `usr/share/man/man8/${name}.8.gz`);
    expect((await run(["mandoc", "-T", "utf8", page])).stdout).toContain("LISTEN_FDS");
    expect((await run(["zcat", join(top, `usr/share/doc/${name}/changelog.gz`)])).stdout).toStartWith(
      `${name} (${version}) `,
    );
    expect(await dpkg(top, "--verify", name)).toEqual(ok());
    expect(await dpkg(top, "--purge", name)).toMatchObject({ exit: 0, stderr: "" });
    expect(files(top).filter((file) => !/^(log|var\/lib\/dpkg\/.*)$/.test(file))).toEqual([]);
    expect(existsSync(join(top, "usr"))).toBe(false);
  });

  testWith(["root", "dpkg", "dpkg-deb"], "is not installed beside the original", async () => {
    const top = emptySystem("with the original");
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
    const { exit, stderr } = await dpkg(top, "--install", deb);
    expect(stderr).toContain(`${name} conflicts with s6-networking`);
    expect(exit).toBe(1);
  });
});

describe("the container image", () => {
  const storage = [
    "--root",
    join(directory, "images"),
    "--runroot",
    join(directory, "run"),
    "--storage-driver",
    "vfs",
  ];
  const buildah = (...args: string[]) => run(["buildah", ...storage, ...args]);

  testWith(
    ["root", "buildah", "chroot"],
    "holds the executable and the licences",
    async () => {
      const build = [
        "build",
        "--platform",
        `linux/${debian}`,
        "--isolation",
        "chroot",
        "--quiet",
        "--tag",
        debian,
      ];
      expect((await buildah(...build, "--file", join(root, "Dockerfile"), out)).exit).toBe(0);
      const container = (await buildah("from", debian)).stdout.trim();
      const top = (await buildah("mount", container)).stdout.trim();
      expect(files(top)).toEqual(files(join(out, "image", debian)));
      expect(files(top)).toEqual(
        expect.arrayContaining([name, "LICENSE", "NOTICE", "licenses/LGPL-2.1.txt"]),
      );
      const config = [
        "inspect",
        "--format",
        "{{.OCIv1.Architecture}} {{.OCIv1.Config.Entrypoint}}",
        container,
      ];
      expect(await buildah(...config)).toEqual(ok(`${debian} [/${name}]`));
      expect(await run(["chroot", top, `/${name}`, "--version"])).toMatchObject({ exit: 0, stderr: "" });
      await buildah("rm", container);
    },
    120_000,
  );
});
