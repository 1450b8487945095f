import { options, type OptionName } from "./command.ts";
import { invalid } from "./failure.ts";

export { help } from "./help.ts";

/** The options that were given, each with its value; "" for one that takes none. */
export type Given = Readonly<Partial<Record<OptionName, string>>>;

export interface Arguments {
  given: Given;
  /** Whether one of them is not the original's: these have no letter. */
  extended: boolean;
  /** Where in the arguments the first operand is, or would be. */
  operands: number;
}

/**
 * Read the options, which come before the operands: what does not start with
 * `-`, a lone `-`, and whatever follows `--` is an operand. Letters cluster, and
 * later options override earlier ones, all as in the original. `--help` and
 * `--version` stop the reading.
 *
 * @param arg the argument at an index, undefined past the last one.
 * @throws Failure (exit 100) at the first option that does not exist.
 */
export function readArguments(arg: (index: number) => string | undefined): Arguments {
  const given: Partial<Record<OptionName, string>> = {};
  let extended = false;
  const give = (option: OptionName, value: string) => {
    const { alias, overrides } = options.get(option)!;
    if (!alias) extended = true;
    if (overrides) delete given[overrides as OptionName];
    given[option] = value;
  };

  let at = 0;
  for (let text; (text = arg(at)) !== undefined && text.startsWith("-") && text !== "-";) {
    at++;
    if (text === "--") break;
    const taken = text.startsWith("--") ? long(text, arg(at), give) : short(text, arg(at), give);
    if (taken) at++;
    if ("help" in given || "version" in given) break;
  }
  return { given, extended, operands: at };
}

type Give = (option: OptionName, value: string) => void;

/** Read `--name` or `--name=value`. @returns whether `next` was taken as the value. */
function long(text: string, next: string | undefined, give: Give): boolean {
  const equals = text.indexOf("=");
  if (equals === 2) throw invalid(`invalid option: ${text}`);
  const option = text.slice(2, equals === -1 ? undefined : equals) as OptionName;
  const type = options.get(option)?.type;
  if (equals === -1) {
    if (!type) throw invalid(`unrecognized boolean option: ${text}`);
    if (type === "string") return takeNext(option, next, give);
    give(option, "");
    return false;
  }
  if (type !== "string") throw invalid(`unrecognized option with argument: ${text}`);
  give(option, text.slice(equals + 1));
  return false;
}

/** Read a cluster of short options. @returns whether `next` was taken as a value. */
function short(text: string, next: string | undefined, give: Give): boolean {
  for (let i = 1; i < text.length; i++) {
    const option = byAlias(text.charAt(i));
    if (!option) throw invalid(`unrecognized short option: ${text.charAt(i)}`);
    if (options.get(option)?.type === "boolean") give(option, "");
    else if (i + 1 === text.length) return takeNext(option, next, give);
    else {
      give(option, text.slice(i + 1));
      break;
    }
  }
  return false;
}

/** Without a value, at the very end or in front of `--`, the original's options leave their default. */
function takeNext(option: OptionName, next: string | undefined, give: Give): boolean {
  if (next === undefined || next === "--") {
    if (!options.get(option)?.alias) throw invalid(`option needs a value: --${option}`);
    return false;
  }
  give(option, next);
  return true;
}

function byAlias(letter: string): OptionName | undefined {
  for (const [name, { alias }] of options) if (alias === letter) return name;
  return undefined;
}
