import { description, name } from "../package.json";
import { groups, operands, options } from "./command.ts";
import { exitCode } from "./failure.ts";

/** The width of a terminal, in characters. */
const COLUMNS = 80;

/** The options as the documents show them, by their groups. */
export const optionGroups = groups.map((group) => ({
  group,
  options: [...options]
    .filter(([, option]) => option.group === group)
    .map(([name, { alias, type, valueHint, description = "" }]) => ({
      name,
      letter: alias,
      /** What stands for the value, if it takes one. */
      value: type === "string" ? valueHint : undefined,
      description,
    })),
}));

/** The exit codes before the exec; afterwards it is that of prog. */
export const exitCodes = [
  [exitCode.usage, "wrong usage"],
  [exitCode.system, "a system call failed"],
  [exitCode.cannotExec, "cannot execute prog"],
  [exitCode.notFound, "cannot find prog"],
] as const;

type Row = readonly [term: string, description: string];

const sections: readonly (readonly [heading: string, rows: readonly Row[]])[] = [
  ["Operands", Object.entries(operands).map(([operand, { description }]) => [operand, description])],
  ...optionGroups.map(({ group, options }) => {
    const rows = options.map(({ name, letter, value, description }): Row => {
      const long = `--${name}${value ? `=${value}` : ""}`;
      return [letter ? `-${letter}, ${long}` : long, description];
    });
    return [group, rows] as const;
  }),
  [
    "Exit codes",
    [...exitCodes.map(([code, meaning]): Row => [String(code), meaning]), ["else", "that of prog"]],
  ],
];

const termWidth = Math.max(...sections.flatMap(([, rows]) => rows.map(([term]) => term.length)));

/** A term and its description, which goes on in the column where it began. */
function row([term, description]: Row): string {
  const indent = " ".repeat(2 + termWidth + 2);
  const lines = [""];
  for (const word of description.split(" ")) {
    const line = lines.at(-1);
    const longer = line ? `${line} ${word}` : word;
    if (indent.length + longer.length <= COLUMNS) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return `  ${term.padEnd(termWidth + 2)}${lines.join(`\n${indent}`)}`;
}

/** The text of `--help`. */
export const help = [
  `Usage: ${name} [options] ip port prog...\n\n${description}.`,
  ...sections.map(([heading, rows]) => [`${heading}:`, ...rows.map(row)].join("\n")),
].join("\n\n");
