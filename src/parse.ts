import { read, type Pointer } from "bun:ffi";
import { readCString, readText } from "./bytes.ts";
import { options } from "./command.ts";
import { invalid } from "./failure.ts";
import { flagByLetter, flagByName, Flags, NO_VALUE, type Flag } from "./flags.ts";
import { libc } from "./libc.ts";
import { nearest } from "./nearest.ts";

const HYPHEN = "-".charCodeAt(0);
const EQUALS = "=".charCodeAt(0);

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
function long(argument: Pointer, flags: Flags): Flag | undefined {
  const begin = (argument + 2) as Pointer;
  const end = libc.strchrnul(begin, EQUALS) as Pointer;
  if (end === begin) throw invalid(`invalid option: ${readCString(argument)}`);
  const flag = flagByName(begin, end - begin);
  if (read.u8(end, 0) === 0) {
    if (!flag) throw invalid(`unrecognized boolean option: ${readCString(argument)}`, suggestion(begin, end));
    if (flag.takesValue) return flag;
    flags.give(flag, NO_VALUE);
  } else {
    if (!flag?.takesValue) {
      const hint = flag ? `--${flag.name} takes no value` : suggestion(begin, end);
      throw invalid(`unrecognized option with argument: ${readCString(argument)}`, hint);
    }
    flags.give(flag, (end + 1) as Pointer);
  }
  return undefined;
}

/** Read a cluster of short options. @returns the last one, if its value is to be the next argument. */
function short(argument: Pointer, flags: Flags): Flag | undefined {
  let at = (argument + 1) as Pointer;
  for (let letter; (letter = read.u8(at, 0)) !== 0;) {
    const flag = flagByLetter(letter);
    if (!flag) throw invalid(`unrecognized short option: ${String.fromCharCode(letter)}`, seeHelp);
    at = (at + 1) as Pointer;
    if (!flag.takesValue) flags.give(flag, NO_VALUE);
    else if (read.u8(at, 0) === 0) return flag;
    else {
      flags.give(flag, at);
      break;
    }
  }
  return undefined;
}

/** @returns the value of an option: at the very end, or in front of `--`, the original's options have none. */
function nextValue({ name, hasLetter }: Flag, next: Pointer | undefined): Pointer | undefined {
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
