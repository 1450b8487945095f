import { name as program } from "../../package.json";
import type { OptionName } from "../../src/command.ts";
import { documented, fill } from "./template.ts";

/** Where the shells find the values of an option. */
const valuesOf: Partial<Record<OptionName, { shell: string } | "file">> = {
  interface: { shell: "ls /sys/class/net" },
  congestion: { shell: "cat /proc/sys/net/ipv4/tcp_available_congestion_control" },
  "report-file": "file",
};

const letters = (valued: boolean) =>
  documented.flatMap(({ letter, value }) => (letter && valued === Boolean(value) ? [letter] : [])).join("");

export function bashCompletion(): string {
  const options = documented.flatMap(({ name, letter, value }) => [
    ...(letter ? [`-${letter}`] : []),
    `--${name}${value ? "=" : ""}`,
  ]);
  const values = Object.entries(valuesOf).map(([option, source]) =>
    source === "file"
      ? `    --${option}) compopt -o default; return ;;`
      : `    --${option}) list=$(${source.shell} 2>/dev/null) ;;`,
  );
  return fill("completion.bash.in", {
    switches: letters(false),
    "valued letters": letters(true),
    "valued options": documented.flatMap(({ name, value }) => (value ? [name] : [])).join("|"),
    values: values.join("\n"),
    options: options.join(" "),
  });
}

/** The specifications of zsh's _arguments. */
export function zshCompletion(): string {
  const options = documented.map(({ name, letter, value, description }) => {
    const text = description.replaceAll(/[[\]:]/g, "\\$&").replaceAll("'", "'\\''");
    const source = valuesOf[name];
    const action = source === "file" ? "_files" : source ? `($(${source.shell} 2>/dev/null))` : "";
    const argument = value ? `:${value}:${action}` : "";
    const long = `--${name}${value ? "=" : ""}`;
    // A letter takes its value from the next word or the rest of its own.
    return letter
      ? `  '(-${letter} --${name})'{-${letter}${value ? "+" : ""},${long}}'[${text}]${argument}' \\`
      : `  '${long}[${text}]${argument}' \\`;
  });
  return fill("completion.zsh.in", { options: options.join("\n") });
}

/** The specifications of fish's argparse, and its commands `complete`. */
export function fishCompletion(): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const specs = documented.map(
    ({ name, letter, value }) => `${letter ? `${letter}/` : ""}${name}${value ? "=" : ""}`,
  );
  const options = documented.map(({ name, letter, value, description }) => {
    const source = valuesOf[name];
    const values =
      source === "file" ? " -rF" : source ? ` -xa ${quote(`(${source.shell} | string split ' ')`)}` : " -x";
    const flags = `${letter ? `-s ${letter} ` : ""}-l ${name}${value ? values : ""}`;
    return `complete -c ${program} -n '_s6_tcpserver_socketbinder 0' ${flags} -d ${quote(description)}`;
  });
  return fill("completion.fish.in", { specs: specs.join(" "), options: options.join("\n") });
}
