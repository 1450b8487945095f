/**
 * What src/ must not use: the runtime's knowledge of its process, which is that of the build in the executable.
 * And what scripts/freeze/ must not: anything of the program that it freezes.
 */

import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const source = join(import.meta.dir, "../src");
const files = readdirSync(source).filter((file) => file.endsWith(".ts"));

/** The code of a file, without comments. */
const code = (file: string) =>
  readFileSync(join(source, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");

test.each([
  // The type checker lets these pass, since they are of the language; all others it refuses: src/tsconfig.json.
  ["random numbers", /\bMath\s*\.\s*random\b/],
  ["dates", /\bDate\b|\bTemporal\b|\bIntl\b/],
  ["the global object", /\bglobalThis\b|\beval\b|\bFunction\(/],
  ["modules loaded in a run", /\brequire\b|\bimport\s*\(|\bimport\.meta\b|\bawait\b/],
  ["numbers that take memory", /\bBigInt\b|\b\d+n\b|returns: "([iu]64|usize|cstring)"/],
  ["other modules than its own, and citty", /from "(?!\.\/|\.\.\/package\.json|bun:ffi|citty)/],
])("%s", (_, forbidden) => {
  expect(files.filter((file) => forbidden.test(code(file)))).toEqual([]);
});

/** The modules of src/ that a file imports. */
const importsOf = (file: string) =>
  [...code(file).matchAll(/from "\.\/([\w-]+\.ts)"/g)].map(([, imported = ""]) => imported);

test("imports make no circle", () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    expect(path).not.toContain(file);
    if (done.has(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

/** What the types of src/ consist of that have members, by their names. */
const members = new Map(
  files
    .flatMap((file) => [...code(file).matchAll(/^(?:export )?(?:interface|type) (\w+).*\{\n([^}]*)^\}/gm)])
    .map(([, name = "", body = ""]) => [name, body]),
);

test("options are plain data, with no address of memory in it", () => {
  const types = new Set(["Options"]);
  for (const type of types) {
    for (const [name] of members.get(type)!.matchAll(/\b[A-Z]\w+\b/g)) if (members.has(name)) types.add(name);
  }
  expect([...types]).toEqual(["Options", "SockoptRow", "ReportPath", "Sockopt"]);
  expect([...types].filter((type) => /\bPointer\b|\bVector\b/.test(members.get(type)!))).toEqual([]);
});

test("every module is used", () => {
  const used = new Set(files.flatMap(importsOf));
  const unused = files.filter((file) => !used.has(file) && !file.endsWith(".d.ts"));
  expect(unused).toEqual(["main.ts"]);
});

test("scripts/freeze/ imports nothing from outside itself", () => {
  const directory = join(import.meta.dir, "../scripts/freeze");
  const imports = readdirSync(directory)
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...readFileSync(join(directory, file), "utf8").matchAll(/\bfrom "([^"]+)"/g)])
    .map(([, imported = ""]) => imported);
  expect(imports.filter((imported) => !/^(\.\/|node:|bun:ffi$|iced-x86$)/.test(imported))).toEqual([]);
});
