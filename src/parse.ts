import { read, type Pointer } from "bun:ffi";
import { POINTER, readCString, readText } from "./bytes.ts";
import { options } from "./command.ts";
import type { Start } from "./entry.ts";
import { invalid } from "./failure.ts";
import { byLetter, flagByName, flags, give, NO_VALUE, type Flag } from "./flags.ts";
import { nearest } from "./nearest.ts";

const HYPHEN = "-".charCodeAt(0);
const EQUALS = "=".charCodeAt(0);

export interface CommandLine {
  /** The last argument that became the value of the option before it, and that one. C strings. */
  taken: Pointer | undefined;
  taker: Pointer | undefined;
  /** The index of the first operand, or where it would be: getopt(3). */
  optind: number;
}

/** One that begins with an operand. */
export const noOptions: Readonly<CommandLine> = { taken: undefined, taker: undefined, optind: 0 };

/** The other ones. */
const line: CommandLine = { taken: undefined, taker: undefined, optind: 0 };

/**
 * Read the options, which come before the operands: what does not start with
 * `-`, a lone `-`, and whatever follows `--` is an operand. Letters cluster, and
 * later options override earlier ones, all as in the original. `--help` and
 * `--version` stop the reading.
 *
 * @returns what the next call overwrites, after clear(): each page that a run takes costs time.
 * @throws Fatal (exit 100) at the first option that does not exist.
 */
export function parse(start: Start): CommandLine {
  const { argc, argv } = start;
  line.taken = undefined;
  let optind = 0;
  while (optind + 1 < argc) {
    const option = read.ptr(argv, POINTER * (optind + 1)) as Pointer;
    const second = read.u8(option, 0) === HYPHEN ? read.u8(option, 1) : 0;
    if (second === 0) break;
    optind++;
    if (second === HYPHEN && read.u8(option, 2) === 0) break;
    const needy = second === HYPHEN ? long(option) : short(option);
    if (needy !== undefined) {
      const value = nextValue(needy, start.argument(optind));
      if (value !== undefined) {
        give(needy, value);
        line.taken = value;
        line.taker = option;
        optind++;
      }
    }
    if (flags.help.given || flags.version.given) break;
  }
  line.optind = optind;
  return line;
}

/** Read `--name` or `--name=value`. @returns the option, if its value is to be the next argument. */
function long(argument: Pointer): Flag | undefined {
  const begin = (argument + 2) as Pointer;
  let length = 0;
  let next: number;
  while ((next = read.u8(begin, length)) !== 0 && next !== EQUALS) length++;
  if (length === 0) throw invalid(`invalid option: ${readCString(argument)}`);
  const flag = flagByName(begin, length);
  if (next === 0) {
    if (!flag)
      throw invalid(`unrecognized boolean option: ${readCString(argument)}`, suggestion(begin, length));
    if (flag.takesValue) return flag;
    give(flag, NO_VALUE);
  } else {
    if (!flag?.takesValue) {
      const hint = flag ? `--${flag.name} takes no value` : suggestion(begin, length);
      throw invalid(`unrecognized option with argument: ${readCString(argument)}`, hint);
    }
    give(flag, (begin + length + 1) as Pointer);
  }
  return undefined;
}

/** Read a cluster of short options. @returns the last one, if its value is to be the next argument. */
function short(argument: Pointer): Flag | undefined {
  let at = (argument + 1) as Pointer;
  for (let letter; (letter = read.u8(at, 0)) !== 0;) {
    const flag = byLetter[letter];
    if (!flag) throw invalid(`unrecognized short option: ${String.fromCharCode(letter)}`, seeHelp);
    at = (at + 1) as Pointer;
    if (!flag.takesValue) give(flag, NO_VALUE);
    else if (read.u8(at, 0) === 0) return flag;
    else {
      give(flag, at);
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

/** What to say of a long option that does not exist, whose name has `length` characters. */
function suggestion(name: Pointer, length: number): string {
  const option = nearest(readText(name, length), options.keys());
  return option === undefined ? seeHelp : `did you mean --${option}? ${seeHelp}`;
}
