import { letters, options, type OptionName } from "./command.ts";
import { invalid } from "./failure.ts";

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

/** Where arguments come from: the one at an index, undefined past the last one. */
interface Arguments {
  argument(index: number): string | undefined;
}

export interface CommandLine {
  readonly flags: Flags;
  /** The index of the first operand, or where it would be: getopt(3). */
  readonly optind: number;
}

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
  let optind = 0;
  for (let text; (text = args.argument(optind)) !== undefined && text.startsWith("-") && text !== "-";) {
    optind++;
    if (text === "--") break;
    const needy = text.startsWith("--") ? long(text, flags) : short(text, flags);
    if (needy !== undefined && takeNext(needy, args.argument(optind), flags)) optind++;
    if (flags.has("help") || flags.has("version")) break;
  }
  return { flags, optind };
}

/** Read `--name` or `--name=value`. @returns the option, if its value is to be the next argument. */
function long(text: string, flags: Flags): OptionName | undefined {
  const equals = text.indexOf("=");
  if (equals === 2) throw invalid(`invalid option: ${text}`);
  const option = text.slice(2, equals === -1 ? undefined : equals) as OptionName;
  const type = options.get(option)?.type;
  if (equals === -1) {
    if (!type) throw invalid(`unrecognized boolean option: ${text}`);
    if (type === "string") return option;
    flags.give(option, "");
  } else {
    if (type !== "string") throw invalid(`unrecognized option with argument: ${text}`);
    flags.give(option, text.slice(equals + 1));
  }
  return undefined;
}

/** Read a cluster of short options. @returns the last one, if its value is to be the next argument. */
function short(text: string, flags: Flags): OptionName | undefined {
  for (let i = 1; i < text.length; i++) {
    const option = letters.get(text.charAt(i));
    if (!option) throw invalid(`unrecognized short option: ${text.charAt(i)}`);
    if (options.get(option)!.type === "boolean") flags.give(option, "");
    else if (i + 1 === text.length) return option;
    else {
      flags.give(option, text.slice(i + 1));
      break;
    }
  }
  return undefined;
}

/** @returns whether `next` is the value: at the very end, or in front of `--`, the original's options have none. */
function takeNext(option: OptionName, next: string | undefined, flags: Flags): boolean {
  if (next === undefined || next === "--") {
    if (!options.get(option)!.alias) throw invalid(`option needs a value: --${option}`);
    return false;
  }
  flags.give(option, next);
  return true;
}
