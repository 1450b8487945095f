import { exitCodes, optionGroups } from "../../src/help.ts";

type OptionGroup = (typeof optionGroups)[number];
type Option = OptionGroup["options"][number];

/** A table as `bun fmt` leaves it. */
function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(heading), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** `-b N` and `--backlog=N`, for example. */
function spellings({ letter, name, value }: Option): string {
  const long = `\`--${name}${value ? `=${value}` : ""}\``;
  return letter ? `\`-${letter}${value ? ` ${value}` : ""}\` ${long}` : long;
}

/** The options of each group, without what they do. */
export const optionOverview = () =>
  optionGroups.map(({ group, options }) => `- **${group}:** ${options.map(spellings).join(", ")}`).join("\n");

/** docs/options.md */
export function optionReference(): string {
  const sections = optionGroups.map(({ group, options }) => {
    const rows = options.map((option) => [spellings(option), option.description]);
    return `## ${group}\n\n${table(["option", "meaning"], rows)}\n`;
  });
  return ["# Options\n", "<!-- Made by scripts/generate.ts from src/command.ts. -->\n", ...sections].join(
    "\n",
  );
}

export function exitCodeTable(): string {
  const rows = exitCodes.map(([code, meaning]) => [String(code), meaning]);
  return table(["code", "meaning"], [...rows, ["else", "that of prog"]]);
}
