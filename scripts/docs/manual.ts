import { description } from "../../package.json";
import { exitCodes, optionGroups } from "../../src/help.ts";
import { fill } from "./template.ts";

/** The longest line of running text of which mandoc's lint does not complain. */
const COLUMNS = 80;

const capital = (phrase: string) => `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}`;

/**
 * A sentence as running text of mdoc(7): hyphens in front of a word are minus
 * signs, and no line is taken for a request.
 */
function sentence(phrase: string): string {
  const text = `${capital(phrase)}.`
    .replaceAll("\\", "\\e")
    .replaceAll(/(?<!\w)-+/g, (hyphens) => "\\-".repeat(hyphens.length));
  return text
    .replaceAll(new RegExp(`(.{1,${COLUMNS}})(?: |$)`, "g"), "$1\n")
    .replaceAll(/^[.']/gm, "\\&$&")
    .trimEnd();
}

/** A heading, and a list of the options of a group. */
function section({ group, options }: (typeof optionGroups)[number]): string {
  const items = options.map(({ letter, name, value, description }) => {
    const short = letter ? `Fl ${letter}${value ? ` Ar ${value}` : ""} , ` : "";
    return `.It ${short}Fl -${name}${value ? ` Ns = Ns Ar ${value}` : ""}\n${sentence(description)}`;
  });
  return [`.Ss ${group}`, ".Bl -tag -width indent", ...items, ".El"].join("\n");
}

/** The manual page, in mdoc(7). */
export function manualPage(): string {
  return fill("manual.8.in", {
    description: description.charAt(0).toLowerCase() + description.slice(1),
    ...Object.fromEntries(optionGroups.map((group) => [group.group, section(group)])),
    "exit codes": exitCodes.map(([code, meaning]) => `.It ${code}\n${sentence(meaning)}`).join("\n"),
  });
}
