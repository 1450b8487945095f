import type { OptionName } from "../src/command.ts";
import { optionGroups } from "../src/help.ts";

export const documented = optionGroups.flatMap(({ options }) => options);

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
