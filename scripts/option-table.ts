import { options, type OptionName } from "../src/command.ts";

/** The options as the documents show them. */
export const documented = [...options].map(([name, { alias, type, valueHint, description }]) => ({
  name,
  letter: alias,
  /** What stands for the value, if it takes one. */
  value: type === "string" ? valueHint : undefined,
  description: description ?? "",
}));

/** Where completions find the values of an option. */
export const valuesOf: Partial<Record<OptionName, { shell: string } | "file">> = {
  interface: { shell: "ls /sys/class/net" },
  congestion: { shell: "cat /proc/sys/net/ipv4/tcp_available_congestion_control" },
  "report-file": "file",
};

/** The options as a table in Markdown. */
export function optionTable(): string {
  const rows = documented.map(({ name, letter, value, description }) => {
    const long = `\`--${name}${value ? `=${value}` : ""}\``;
    const short = letter ? `\`-${letter}${value ? ` ${value}` : ""}\` ` : "";
    return [short + long, description];
  });
  const width = Math.max(...rows.map(([option = ""]) => option.length));
  const wide = Math.max(...rows.map(([, text = ""]) => text.length));
  return [["option", "meaning"], ["-".repeat(width), "-".repeat(wide)], ...rows]
    .map(([option = "", text = ""]) => `| ${option.padEnd(width)} | ${text.padEnd(wide)} |\n`)
    .join("");
}
