/** What the README shows is run as it stands there, and what the documents point to is there. */

import { expect, test } from "bun:test";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { scripts, version } from "../package.json";
import { executable, fixtures, name, root, run, scratch, testWith } from "./support/harness.ts";

const documents = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "bench/README.md", "examples/README.md"],
  ...readdirSync(join(root, "docs")).map((page) => join("docs", page)),
];

test.each(documents)("what %s links to is there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const linked = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, file = ""]) => file);
  expect(linked.filter((file) => !existsSync(join(root, dirname(document), file)))).toEqual([]);
});

test.each(documents)("the scripts that %s names are there", (document) => {
  const text = readFileSync(join(root, document), "utf8");
  const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = ""]) => script);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

test("what the README has you install is this version", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toContain(`${name}_${version}_amd64.deb`);
  expect(readme).toContain(`:${version}@sha256:`);
});

test("the README counts the runs of the original that are compared with", () => {
  const runs: unknown[] = JSON.parse(readFileSync(join(fixtures, "cases.json"), "utf8"));
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`holds ${runs.length} observed runs`);
});

testWith(["node", "curl"], "a port of its own for each test", async () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const example = /<!-- example: report-file -->\s+```sh\n(.*?)```/s.exec(readme)?.[1];
  if (example === undefined) throw new Error("README.md has no such example");
  const directory = scratch();
  const { exit, stdout, stderr } = await run(["sh", "-eu", "-c", example], {
    cwd: root,
    env: {
      ...process.env,
      PATH: `${dirname(executable)}:${process.env["PATH"]}`,
      TMPDIR: directory,
      no_proxy: "*",
    },
  });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\nGET \/hello, on a socket/);
  expect(readdirSync(directory)).toEqual([]);
});
