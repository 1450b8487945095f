import type { Pointer } from "bun:ffi";
import { readCString } from "./bytes.ts";
import { letters, options, type OptionName } from "./command.ts";
import { invalid } from "./failure.ts";
import { nearest } from "./nearest.ts";

/** The options that were given, each with its value; "" for one that takes none. */
export class Flags {
  readonly #values = new Map<OptionName, string | undefined>();

  get(option: OptionName): string | undefined {
    return this.#values.get(option);
  }

  has(option: OptionName): boolean {
    return this.#values.get(option) !== undefined;
  }

  /** Note an option, which takes back the one that it overrides. */
  give(option: OptionName, value: string): void {
    const overridden = options.get(option)!.overrides as OptionName | undefined;
    // Not deleted: a Map that grows and shrinks in turns takes memory each time.
    if (overridden !== undefined) this.#values.set(overridden, undefined);
    this.#values.set(option, value);
  }
}

/** An option, as it was given, and the next argument, which it took as its value. */
export interface Taken {
  readonly option: string;
  readonly value: string;
}

/** Where arguments come from: the one at an index as a C string, undefined past the last one. */
interface Arguments {
  argument(index: number): Pointer | undefined;
}

export interface CommandLine {
  readonly flags: Flags;
  /** The last argument that became the value of the option before it. */
  readonly taken: Taken | undefined;
  /** The index of the first operand, or where it would be: getopt(3). */
  readonly optind: number;
}

/** A command line that begins with an operand. */
export const noOptions: CommandLine = { flags: new Flags(), taken: undefined, optind: 0 };

/**
 * Read the options, which come before the operands: what does not start with
 * `-`, a lone `-`, and whatever follows `--` is an operand. Letters cluster, and
 * later options override earlier ones, all as in the original. `--help` and
 * `--version` stop the reading.
 *
 * @throws Fatal (exit 100) at the first option that does not exist.
 */
export function parse(args: Arguments): CommandLine {
  const flags = new Flags();
  let taken: Taken | undefined;
  let optind = 0;
  for (let text; (text = textAt(args, optind)) !== undefined && text.startsWith("-") && text !== "-";) {
    optind++;
    if (text === "--") break;
    const isLong = text.startsWith("--");
    const needy = isLong ? long(text, flags) : short(text, flags);
    if (needy !== undefined) {
      const value = nextValue(needy, textAt(args, optind));
      if (value !== undefined) {
        flags.give(needy, value);
        taken = { option: isLong ? text : `-${text.slice(-1)}`, value };
        optind++;
      }
    }
    if (flags.has("help") || flags.has("version")) break;
  }
  return { flags, taken, optind };
}

function textAt(args: Arguments, index: number): string | undefined {
  const argument = args.argument(index);
  return argument === undefined ? undefined : readCString(argument);
}

/** Read `--name` or `--name=value`. @returns the option, if its value is to be the next argument. */
function long(text: string, flags: Flags): OptionName | undefined {
  const equals = text.indexOf("=");
  if (equals === 2) throw invalid(`invalid option: ${text}`);
  const option = text.slice(2, equals === -1 ? undefined : equals) as OptionName;
  const type = options.get(option)?.type;
  if (equals === -1) {
    if (!type) throw invalid(`unrecognized boolean option: ${text}`, suggestion(option));
    if (type === "string") return option;
    flags.give(option, "");
  } else {
    if (type !== "string") {
      const hint = type ? `--${option} takes no value` : suggestion(option);
      throw invalid(`unrecognized option with argument: ${text}`, hint);
    }
    flags.give(option, text.slice(equals + 1));
  }
  return undefined;
}

/** Read a cluster of short options. @returns the last one, if its value is to be the next argument. */
function short(text: string, flags: Flags): OptionName | undefined {
  for (let i = 1; i < text.length; i++) {
    const option = letters.get(text.charAt(i));
    if (!option) throw invalid(`unrecognized short option: ${text.charAt(i)}`, seeHelp);
    if (options.get(option)!.type === "boolean") flags.give(option, "");
    else if (i + 1 === text.length) return option;
    else {
      flags.give(option, text.slice(i + 1));
      break;
    }
  }
  return undefined;
}

/** @returns the value of an option: at the very end, or in front of `--`, the original's options have none. */
function nextValue(option: OptionName, next: string | undefined): string | undefined {
  if (next !== undefined && next !== "--") return next;
  if (!options.get(option)!.alias) throw invalid(`option needs a value: --${option}`);
  return undefined;
}

const seeHelp = "--help lists the options";

/** What to say of a long option that does not exist. */
function suggestion(name: string): string {
  const option = nearest(name, options.keys());
  return option === undefined ? seeHelp : `did you mean --${option}? ${seeHelp}`;
}
