import { readFileSync } from "node:fs";
import { join } from "node:path";
import { name, version } from "../../package.json";
import { optionGroups } from "../../src/help.ts";

/** All options, in the order of their groups. */
export const documented = optionGroups.flatMap(({ options }) => options);

/**
 * The text of a template beside this file, each `@key@` in it replaced by its value.
 * @throws Error for a key without a value, and for a value that the template does not use.
 */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(import.meta.dir, template), "utf8");
  const known = new Map(Object.entries({ name, version, ...values }));
  const unused = new Set(Object.keys(values));
  const filled = text.replaceAll(/@(\w[\w ]*)@/g, (_, key: string) => {
    const value = known.get(key);
    if (value === undefined) throw new Error(`${template}: nothing is known of @${key}@`);
    unused.delete(key);
    return value;
  });
  if (unused.size > 0) throw new Error(`${template} does not have @${[...unused].join("@, @")}@`);
  return filled;
}
