import { ptr, type Pointer } from "bun:ffi";
import { cString } from "./bytes.ts";
import { letters, options, type OptionName } from "./command.ts";
import { libc } from "./libc.ts";

/** An option as the parser knows it. All are of one shape, which the interpreter remembers. */
export interface Flag {
  readonly name: OptionName;
  /** The name as a C string, and how many characters it has. */
  readonly text: Uint8Array;
  readonly length: number;
  readonly takesValue: boolean;
  /** Whether it is one of the original's. */
  readonly hasLetter: boolean;
  /** The option that it takes back. */
  readonly overrides: OptionName | undefined;
}

const table: readonly Flag[] = [...options].map(([name, { type, alias, overrides }]) => ({
  name,
  text: cString(name),
  length: name.length,
  takesValue: type === "string",
  hasLetter: alias !== undefined,
  overrides: overrides as OptionName | undefined,
}));
const byLetter: ReadonlyMap<number, Flag> = new Map(
  [...letters].map(([letter, option]) => [letter.charCodeAt(0), table.find(({ name }) => name === option)!]),
);

/** The flag whose name is at an address. It is not read as text, since that takes many pages. */
export function flagByName(name: Pointer, length: number): Flag | undefined {
  for (let i = 0; i < table.length; i++) {
    const flag = table[i]!;
    if (flag.length === length && libc.strncmp(flag.text, name, length) === 0) return flag;
  }
  return undefined;
}

/** The flag of a letter, which is a character code. */
export function flagByLetter(letter: number): Flag | undefined {
  return byLetter.get(letter);
}

/** What an option has that takes no value. */
const EMPTY = cString("");
export const NO_VALUE = ptr(EMPTY);

/** The options that were given, each with its value as a C string. */
export class Flags {
  /** All of them are in it, so that it never takes memory. */
  readonly #values = new Map<OptionName, Pointer | undefined>();

  constructor() {
    this.clear();
  }

  clear(): void {
    for (const { name } of table) this.#values.set(name, undefined);
  }

  get(option: OptionName): Pointer | undefined {
    return this.#values.get(option);
  }

  has(option: OptionName): boolean {
    return this.#values.get(option) !== undefined;
  }

  /** Note an option, which takes back the one that it overrides. */
  give({ name, overrides }: Flag, value: Pointer): void {
    if (overrides !== undefined) this.#values.set(overrides, undefined);
    this.#values.set(name, value);
  }
}
