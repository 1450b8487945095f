import { read, type Pointer } from "bun:ffi";
import { addressOf, cString } from "./bytes.ts";
import { letters, options, type OptionName } from "./command.ts";

/** An option as the parser knows it, and what it was given. All are of one shape, which the interpreter remembers. */
export interface Flag {
  readonly name: OptionName;
  /** The characters of the name. */
  readonly text: readonly number[];
  readonly takesValue: boolean;
  /** Whether it is one of the original's. */
  readonly hasLetter: boolean;
  /** The option that it takes back. */
  overrides: Flag | undefined;
  given: boolean;
  /** What it was given: a C string, which is empty if it takes no value. */
  value: Pointer;
}

/** What an option has that takes no value. */
export const NO_VALUE = addressOf(cString(""));

const table: readonly Flag[] = [...options].map(([name, { type, alias }]) => ({
  name,
  text: Array.from(name, (character) => character.charCodeAt(0)),
  takesValue: type === "string",
  hasLetter: alias !== undefined,
  overrides: undefined,
  given: false,
  value: NO_VALUE,
}));

/** What this run was given: the options by their names. */
export const flags = Object.fromEntries(table.map((flag) => [flag.name, flag])) as Readonly<
  Record<OptionName, Flag>
>;
for (const [name, { overrides }] of options) {
  if (overrides !== undefined) flags[name].overrides = flags[overrides as OptionName];
}

/** The flag of each letter, by its character code. */
export const byLetter: readonly (Flag | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const option = letters.get(String.fromCharCode(code));
  return option && flags[option];
});

const longest = Math.max(...table.map(({ name }) => name.length));
/** The flags by the lengths of their names. */
const byLength: readonly (readonly Flag[])[] = Array.from({ length: longest + 1 }, (_, length) =>
  table.filter(({ name }) => name.length === length),
);

/** The flag whose name is at an address. It is not read as text, since that takes many pages. */
export function flagByName(name: Pointer, length: number): Flag | undefined {
  const some = byLength[length > longest ? 0 : length]!;
  for (let i = 0; i < some.length; i++) {
    const { text } = some[i]!;
    let at = 0;
    while (at < length && text[at] === read.u8(name, at)) at++;
    if (at === length) return some[i];
  }
  return undefined;
}

/** Note an option, which takes back the one that it overrides. */
export function give(flag: Flag, value: Pointer): void {
  flag.given = true;
  flag.value = value;
  if (flag.overrides !== undefined) flag.overrides.given = false;
}

/** Forget what was given. */
export function clear(): void {
  for (const flag of table) flag.given = false;
}
