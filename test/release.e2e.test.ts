/** `npm run release`: everything of a release but its upload. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { executable, name, root, run, scratch, testWith } from "./support/harness.ts";
import { layOut, own } from "./support/packages.ts";

const dist = join(scratch(), "dist");
const release = (...args: string[]) =>
  run([process.execPath, join(root, "scripts/release.ts"), "--dist", dist, ...args], {
    env: { ...process.env, GITHUB_REPOSITORY: "Owner/Name", GITHUB_REF_NAME: "v0.0.0" },
  });

testWith(
  ["dpkg-deb", "sha256sum"],
  "lays out all files, and says how they would be uploaded",
  async () => {
    layOut(dist);
    const { exit, stdout, stderr } = await release("--target", own);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    const out = join(dist, "release");
    expect((await run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], { cwd: out })).exit).toBe(0);
    expect(readFileSync(join(out, `${name}-${own}`)).equals(readFileSync(executable))).toBe(true);
    const licences = readFileSync(join(out, `${name}-${own}.licences.txt`), "utf8");
    expect(licences).toContain("GNU LESSER GENERAL PUBLIC LICENSE");
    expect(licences).toContain("https://github.com/oven-sh/WebKit/tree/");
    const lines = stdout.trimEnd().split("\n");
    const laid = lines.filter((line) => line.startsWith("/"));
    expect(laid.filter((file) => !existsSync(file))).toEqual([]);
    const would = lines.filter((line) => line.startsWith("would run: "));
    expect([...laid, ...would]).toEqual(lines);
    expect(would.map((line) => line.split(" ")[2])).toEqual(["docker", "npm", "npm", "gh"]);
    const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
    const notes = readFileSync(join(dist, "release-notes.md"), "utf8");
    expect(notes.trim()).not.toBe("");
    expect(changelog).toContain(notes.trim());
  },
  120_000,
);

test("nothing is uploaded from elsewhere than the project's repository", async () => {
  const { exit, stdout, stderr } = await release("--publish");
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
  expect(stderr).toMatch(/^release: .*package\.json has .*\n$/);
});
