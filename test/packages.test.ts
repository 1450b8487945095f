/** What the packages say, from what they are made of. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import table from "../licenses/components.json";
import { author, version } from "../package.json";
import { changes, releaseOf } from "../scripts/packages/changelog.ts";
import { allLicences, components } from "../scripts/packages/components.ts";
import { changelog, control, debianPath, debianVersion } from "../scripts/packages/deb.ts";
import { licenceFile, licenceFiles, notice } from "../scripts/packages/notice.ts";
import { launcherManifest, nativeManifest } from "../scripts/packages/npm.ts";
import { checkOrigin, image, imageTags, uploads } from "../scripts/packages/uploads.ts";
import { sbom } from "../scripts/packages/sbom.ts";
import { libcVersion, ownLibc, recordVersions, type Versions } from "../scripts/versions.ts";
import { name, root } from "./support/harness.ts";

const recorded: Versions = JSON.parse(recordVersions());
const debian: Versions = { ...recorded, libc: { version: "2.36", package: "Debian GLIBC 2.36-9+deb12u14" } };

describe("versions", () => {
  test("are those of the runtime that is asked, which is the pinned one", () => {
    expect(recorded.bun).toEqual({ version: Bun.version, revision: Bun.revision });
    for (const part of ["webkit", "tinycc"]) expect(recorded.components[part]).toMatch(/^[0-9a-f]{40}$/);
    expect(recorded.libc).toBeUndefined();
  });

  test.each([
    [
      "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n",
      "Debian GLIBC 2.36-9+deb12u14",
      "2.36",
    ],
    [
      "GNU C Library (Ubuntu GLIBC 2.39-0ubuntu8.4) stable release version 2.39.\n",
      "Ubuntu GLIBC 2.39-0ubuntu8.4",
      "2.39",
    ],
    ["GNU C Library (GNU libc) stable release version 2.41.\n", "GNU libc", "2.41"],
    ["GNU C Library (GNU libc) development release version 2.42.9000.\n", "GNU libc", "2.42.9000"],
  ])("are read from a libc: %s", (banner, packaged, release) => {
    expect(libcVersion(`\0${banner}\0`, "libc.so.6")).toEqual({ version: release, package: packaged });
  });

  test("are read from the libc of this process", () => {
    const { libc } = JSON.parse(recordVersions(process.execPath, ownLibc())) as Versions;
    expect(libc!.package).toMatch(/^\w+ .*\d/);
    expect(Bun.spawnSync(["getconf", "GNU_LIBC_VERSION"]).stdout.toString()).toBe(`glibc ${libc!.version}\n`);
  });

  test("are not read from what is no glibc", () => {
    expect(() => libcVersion("musl libc (x86_64)\nVersion 1.2.3\n", "libc.so")).toThrow(
      "libc.so is not a GNU C Library",
    );
    expect(() => recordVersions("/bin/false")).toThrow("/bin/false does not say its versions");
  });
});

describe("licences", () => {
  const document = readFileSync(join(root, "node_modules/bun-types/docs/project/license.mdx"), "utf8");
  const linked = document.split("## Linked libraries")[1]!.split("\n## ")[0]!;

  test("all that Bun says it is linked with is in licenses/components.json", () => {
    const named = [...linked.matchAll(/^\| (.*?) +\|/gm)]
      .slice(2)
      .map(([, cell = ""]) => /\[`?([\w+-]+)/.exec(cell)?.[1] ?? cell)
      // It is linked on Windows only.
      .filter((library) => library !== "libuv");
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((library) => !table.some((row) => row.name === library))).toEqual([]);
  });

  test("the commits of what is under the LGPL are known", () => {
    const lesser = components(debian).filter(({ licence }) => licence.includes("LGPL"));
    expect(lesser.map(({ name, sources }) => [name, sources])).toEqual([
      ["JavaScriptCore", `https://github.com/oven-sh/WebKit/tree/${recorded.components["webkit"]}`],
      ["tinycc", `https://github.com/oven-sh/tinycc/tree/${recorded.components["tinycc"]}`],
      ["glibc", "https://snapshot.debian.org/package/glibc/2.36-9+deb12u14/"],
    ]);
  });

  test("each has its text, and each text has a use", () => {
    const identifiers = allLicences(components(debian)).split(" AND ");
    expect(identifiers[0]).toBe("ISC");
    expect(existsSync(join(root, "LICENSE"))).toBe(true);
    expect([...new Set(identifiers.slice(1).map(licenceFile))].sort()).toEqual(licenceFiles);
  });

  test("NOTICE names every part, and where the sources of this libc are", () => {
    const text = notice(debian);
    for (const { name, licence, sources } of components(debian))
      expect(text).toMatch(
        new RegExp(
          `^${RegExp.escape(name)}( .*)?\n  Licence:   ${RegExp.escape(licence)}\n.*\n  Sources:   ${RegExp.escape(sources)}$`,
          "m",
        ),
      );
    expect(notice(recorded)).toContain("versions.json beside each executable");
  });
});

describe("the bill of materials", () => {
  const build = { target: "linux-x64", executable: join(root, "package.json"), versions: debian } as const;
  const bill = sbom(build, 1_700_000_000) as {
    packages: { SPDXID: string; name: string; externalRefs?: { referenceLocator: string }[] }[];
    relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
    creationInfo: object;
  };

  test("says that the executable contains every part", () => {
    const [ours, ...parts] = bill.packages.map(({ SPDXID }) => SPDXID);
    expect(new Set(bill.packages.map(({ SPDXID }) => SPDXID)).size).toBe(bill.packages.length);
    expect(parts).toHaveLength(components(debian).length);
    expect(bill.relationships).toEqual([
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: ours! },
      ...parts.map((part) => ({
        spdxElementId: ours!,
        relationshipType: "CONTAINS",
        relatedSpdxElement: part,
      })),
    ]);
  });

  test("has a time that does not depend on when it is made", () => {
    expect(bill.creationInfo).toMatchObject({ created: "2023-11-14T22:13:20Z" });
    expect(sbom(build, 1_700_000_000)).toEqual(bill);
  });

  test("names what scanners look for", () => {
    const urls = Object.fromEntries(
      bill.packages.map((part) => [part.name, part.externalRefs?.[0]?.referenceLocator]),
    );
    expect(urls).toMatchObject({
      bun: `pkg:github/oven-sh/bun@${recorded.bun.revision}`,
      JavaScriptCore: `pkg:github/oven-sh/webkit@${recorded.components["webkit"]}`,
      glibc: "pkg:deb/debian/glibc@2.36-9+deb12u14?arch=source",
    });
  });
});

describe("the changelog", () => {
  const text =
    "# Changelog\n\n## 1.10.0 (2026-12-01)\n\n- New `--x`,\n  on two lines.\n- [Two](docs/two.md).\n\n## 1.1.0 (2026-11-30)\n\n- Old.\n\n## 1.0.0\n\n- Undated.\n\n## 0.9.0 (2026-02-30)\n\n## 0.8.0 (2026-02-03)\n";
  const release = releaseOf(text, "1.10.0");

  test("gives the section of a version, and its date", () => {
    expect(release).toEqual({
      version: "1.10.0",
      time: Date.UTC(2026, 11, 1) / 1000,
      notes: "- New `--x`,\n  on two lines.\n- [Two](docs/two.md).",
    });
    expect(releaseOf(text, "1.1.0").notes).toBe("- Old.");
    expect(changes(release)).toEqual(["New --x, on two lines.", "Two."]);
  });

  test.each([
    ["1.1", 'no section "## 1.1 (YYYY-MM-DD)"'],
    ["1x1.0", 'no section "## 1x1.0 (YYYY-MM-DD)"'],
    ["1.0.0", 'no date (YYYY-MM-DD) in "## 1.0.0"'],
    ["0.8.0", 'nothing below "## 0.8.0 (2026-02-03)"'],
  ])("of %s: an error that says what is missing", (version, problem) => {
    expect(() => releaseOf(text, version)).toThrow(problem);
  });

  test("in Debian's form", () => {
    expect(changelog({ ...release, notes: `- ${"word ".repeat(30).trim()}` })).toBe(
      `${name} (1.10.0) unstable; urgency=medium\n\n` +
        `  *${" word".repeat(15)}\n    ${"word ".repeat(15).trim()}\n\n` +
        ` -- ${author}  Tue, 01 Dec 2026 00:00:00 +0000\n`,
    );
  });

  test("of this project has this version", () => {
    expect(releaseOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version).version).toBe(version);
  });
});

test("Debian's versions sort a pre-release in front of its release", () => {
  expect(debianVersion("1.0.0-rc.1")).toBe("1.0.0~rc.1");
});

test.each([
  [`bin/${name}`, `usr/bin/${name}`],
  [`share/man/man8/${name}.8`, `usr/share/man/man8/${name}.8.gz`],
  [`share/zsh/site-functions/_${name}`, `usr/share/zsh/vendor-completions/_${name}`],
])("%s is where Debian has it", (path, there) => {
  expect(debianPath(path)).toBe(there);
});

test("the Debian package names the libc that it was built with", () => {
  const text = control({ target: "linux-arm64", versions: debian }, 42);
  expect(text).toMatch(/^Built-Using: glibc \(= 2\.36-9\+deb12u14\)$/m);
  expect(text).toMatch(/^Architecture: arm64$/m);
  expect(text).toMatch(/^Installed-Size: 42$/m);
  expect(control({ target: "linux-x64", versions: recorded }, 1)).not.toContain("Built-Using");
});

test("npm installs one architecture's package for the launcher, and no script runs", () => {
  const launcher = launcherManifest();
  expect(launcher.optionalDependencies).toEqual({
    [`${name}-linux-x64`]: version,
    [`${name}-linux-arm64`]: version,
  });
  const native = nativeManifest({ target: "linux-arm64", versions: debian });
  expect(native).toMatchObject({ os: ["linux"], cpu: ["arm64"], bin: { [name]: `bin/${name}` } });
  expect(native).not.toHaveProperty("libc");
  for (const manifest of [launcher, native])
    for (const field of ["scripts", "dependencies"]) expect(manifest).not.toHaveProperty(field);
});

describe("a release is uploaded", () => {
  const files = [`${name}-1.2.3.tgz`, `${name}-linux-x64-1.2.3.tgz`, `${name}-linux-x64`, "SHA256SUMS"];

  test("the image, the packages that others depend on, those, and at last the page that names them", () => {
    const commands = uploads("1.2.3", files);
    expect(commands.map(([program, verb, what]) => [program, verb, what])).toEqual([
      ["docker", "buildx", "build"],
      ["npm", "publish", `${name}-linux-x64-1.2.3.tgz`],
      ["npm", "publish", `${name}-1.2.3.tgz`],
      ["gh", "release", "create"],
    ]);
    expect(commands[0]).toContain(`${image}:1.2`);
    expect(commands.at(-1)!.slice(-files.length)).toEqual(files);
  });

  const origin = { author: "a <a@b.org>", repository: "github:a/b", version: "1.2.3" };
  test.each([
    [{ ...origin, repository: "github:OWNER/REPOSITORY" }, "package.json has placeholders: set author and"],
    [{ ...origin, author: "a <OWNER@b.org>" }, "package.json has placeholders: set author and repository"],
    [{ ...origin, repository: "github:a/c" }, "the repository is a/b, package.json has github:a/c"],
    [{ ...origin, version: "1.2.4" }, "the tag is v1.2.3, package.json has version 1.2.4"],
  ])("not from %j", (manifest, problem) => {
    const env = { GITHUB_REPOSITORY: "a/b", GITHUB_REF_NAME: "v1.2.3" };
    expect(() => checkOrigin(manifest, env)).toThrow(problem);
    expect(() => checkOrigin(origin, env)).not.toThrow();
  });

  test("and a pre-release moves nothing that people follow", () => {
    expect(imageTags("1.2.3")).toEqual(["1.2.3", "1.2", "latest"]);
    expect(imageTags("2.0.0-rc.1")).toEqual(["2.0.0-rc.1"]);
    const commands = uploads("2.0.0-rc.1", files).map((command) => command.join(" "));
    expect(commands.filter((command) => command.includes("latest"))).toEqual([]);
    expect(commands.at(-1)).toContain(" --prerelease ");
  });
});
