import { ptr, read, type Pointer } from "bun:ffi";
import { cString, readCString, readText } from "./bytes.ts";
import { letters, options, type OptionName } from "./command.ts";
import { invalid } from "./failure.ts";
import { libc } from "./libc.ts";
import { nearest } from "./nearest.ts";

const HYPHEN = "-".charCodeAt(0);
const EQUALS = "=".charCodeAt(0);

/** What is to be known of an option here. All rows are of one shape, which the interpreter remembers. */
interface Rule {
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

const rules: readonly Rule[] = [...options].map(([name, { type, alias, overrides }]) => ({
  name,
  text: cString(name),
  length: name.length,
  takesValue: type === "string",
  hasLetter: alias !== undefined,
  overrides: overrides as OptionName | undefined,
}));
const rulesOfLetters: ReadonlyMap<number, Rule> = new Map(
  [...letters].map(([letter, option]) => [letter.charCodeAt(0), rules.find(({ name }) => name === option)!]),
);

/** What an option has that takes no value. */
const EMPTY = cString("");
const NO_VALUE = ptr(EMPTY);

/** The options that were given, each with its value as a C string. */
export class Flags {
  /** All of them are in it, so that it never takes memory. */
  readonly #values = new Map<OptionName, Pointer | undefined>();

  constructor() {
    this.clear();
  }

  clear(): void {
    for (const { name } of rules) this.#values.set(name, undefined);
  }

  get(option: OptionName): Pointer | undefined {
    return this.#values.get(option);
  }

  has(option: OptionName): boolean {
    return this.#values.get(option) !== undefined;
  }

  /** Note an option, which takes back the one that it overrides. */
  give({ name, overrides }: Rule, value: Pointer): void {
    if (overrides !== undefined) this.#values.set(overrides, undefined);
    this.#values.set(name, value);
  }
}

/** Where arguments come from: the one at an index as a C string, undefined past the last one. */
interface Arguments {
  argument(index: number): Pointer | undefined;
}

export interface CommandLine {
  readonly flags: Flags;
  /** The last argument that became the value of the option before it, and that one. C strings. */
  taken: Pointer | undefined;
  taker: Pointer | undefined;
  /** The index of the first operand, or where it would be: getopt(3). */
  optind: number;
}

const commandLine = (): CommandLine => ({
  flags: new Flags(),
  taken: undefined,
  taker: undefined,
  optind: 0,
});

/** One that begins with an operand. */
export const noOptions: Readonly<CommandLine> = commandLine();

/** The other ones. */
const line = commandLine();

/**
 * Read the options, which come before the operands: what does not start with
 * `-`, a lone `-`, and whatever follows `--` is an operand. Letters cluster, and
 * later options override earlier ones, all as in the original. `--help` and
 * `--version` stop the reading.
 *
 * @returns what the next call overwrites, after forget(): each page that a run takes costs time.
 * @throws Fatal (exit 100) at the first option that does not exist.
 */
export function parse(args: Arguments): CommandLine {
  const { flags } = line;
  line.taken = undefined;
  line.optind = 0;
  for (let option; (option = args.argument(line.optind)) !== undefined && isOption(option);) {
    line.optind++;
    const isLong = read.u8(option, 1) === HYPHEN;
    if (isLong && read.u8(option, 2) === 0) break;
    const needy = isLong ? long(option, flags) : short(option, flags);
    if (needy !== undefined) {
      const value = nextValue(needy, args.argument(line.optind));
      if (value !== undefined) {
        flags.give(needy, value);
        line.taken = value;
        line.taker = option;
        line.optind++;
      }
    }
    if (flags.has("help") || flags.has("version")) break;
  }
  return line;
}

/** Forget what was read. */
export function forget(): void {
  line.flags.clear();
}

function isOption(argument: Pointer): boolean {
  return read.u8(argument, 0) === HYPHEN && read.u8(argument, 1) !== 0;
}

/** Read `--name` or `--name=value`. @returns the option, if its value is to be the next argument. */
function long(argument: Pointer, flags: Flags): Rule | undefined {
  const begin = (argument + 2) as Pointer;
  const end = libc.strchrnul(begin, EQUALS) as Pointer;
  if (end === begin) throw invalid(`invalid option: ${readCString(argument)}`);
  const rule = find(begin, end - begin);
  if (read.u8(end, 0) === 0) {
    if (!rule) throw invalid(`unrecognized boolean option: ${readCString(argument)}`, suggestion(begin, end));
    if (rule.takesValue) return rule;
    flags.give(rule, NO_VALUE);
  } else {
    if (!rule?.takesValue) {
      const hint = rule ? `--${rule.name} takes no value` : suggestion(begin, end);
      throw invalid(`unrecognized option with argument: ${readCString(argument)}`, hint);
    }
    flags.give(rule, (end + 1) as Pointer);
  }
  return undefined;
}

/** The option of which the name is at an address. It is not read as text, since that takes many pages. */
function find(name: Pointer, length: number): Rule | undefined {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i]!;
    if (rule.length === length && libc.strncmp(rule.text, name, length) === 0) return rule;
  }
  return undefined;
}

/** Read a cluster of short options. @returns the last one, if its value is to be the next argument. */
function short(argument: Pointer, flags: Flags): Rule | undefined {
  let at = (argument + 1) as Pointer;
  for (let letter; (letter = read.u8(at, 0)) !== 0;) {
    const rule = rulesOfLetters.get(letter);
    if (!rule) throw invalid(`unrecognized short option: ${String.fromCharCode(letter)}`, seeHelp);
    at = (at + 1) as Pointer;
    if (!rule.takesValue) flags.give(rule, NO_VALUE);
    else if (read.u8(at, 0) === 0) return rule;
    else {
      flags.give(rule, at);
      break;
    }
  }
  return undefined;
}

/** @returns the value of an option: at the very end, or in front of `--`, the original's options have none. */
function nextValue({ name, hasLetter }: Rule, next: Pointer | undefined): Pointer | undefined {
  if (next !== undefined && !isEnd(next)) return next;
  if (!hasLetter) throw invalid(`option needs a value: --${name}`);
  return undefined;
}

/** Whether it is `--`. */
function isEnd(argument: Pointer): boolean {
  return read.u8(argument, 0) === HYPHEN && read.u8(argument, 1) === HYPHEN && read.u8(argument, 2) === 0;
}

const seeHelp = "--help lists the options";

/** What to say of a long option that does not exist: its name is from `begin` up to `end`. */
function suggestion(begin: Pointer, end: Pointer): string {
  const option = nearest(readText(begin, end - begin), options.keys());
  return option === undefined ? seeHelp : `did you mean --${option}? ${seeHelp}`;
}
