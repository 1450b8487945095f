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

/** What test/thorough/kernels.e2e.test.ts shows, and since when it is so. */
const kernels = `## Kernels

Linux 5.10 is the oldest kernel that the executable is shown to run on. A test starts it on 5.10, 6.1 and 6.12, on x64 and on arm64, in emulated machines. All options work on all of these but for the following:

${table(
  ["option", "kernel that it needs"],
  [
    ["`--mptcp`", "5.6 or later, built with CONFIG_MPTCP, which Debian's 5.10 is not"],
    ["`--mptcp` with a socket option", "6.1 or later for most; before, more and more of them from 5.13 on"],
    ["`--mptcp --fast-open`", "6.2 or later"],
    ["`--mptcp --user-timeout`, `--mptcp --ttl`, `--mptcp --tos` on IPv6", "none up to 6.18"],
  ],
)}

A kernel that lacks an option refuses it, which is fatal. The rows about Multipath TCP are from that test, and from the history of \`net/mptcp/sockopt.c\`: [TCP_NODELAY](https://git.zx2c4.com/linux-dev/commit/?id=59d58d93af94d7b546f12438b4a3d781b7190095), [TCP_FASTOPEN](https://git.kernel.org/torvalds/c/4ffb0a02346c14f5e83711668f19b6b551cd32ed), and the [changelog of its developers](https://github.com/multipath-tcp/mptcp_net-next/wiki#changelog). tcp(7), ip(7), ipv6(7) and socket(7) say when all else came, which was before 5.10.
`;

/** docs/options.md */
export function optionReference(): string {
  const sections = optionGroups.map(({ group, options }) => {
    const rows = options.map((option) => [spellings(option), option.description]);
    return `## ${group}\n\n${table(["option", "meaning"], rows)}\n`;
  });
  return [
    "# Options\n",
    "<!-- Made by scripts/generate.ts from src/command.ts. -->\n",
    ...sections,
    kernels,
  ].join("\n");
}

export function exitCodeTable(): string {
  const rows = exitCodes.map(([code, meaning]) => [String(code), meaning]);
  return table(["code", "meaning"], [...rows, ["else", "that of prog"]]);
}
