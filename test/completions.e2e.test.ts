/** What the shells offer on a command line of ours. */

import { expect } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documented } from "../scripts/docs/template.ts";
import { name, root, run, scratch, testWith } from "./support/harness.ts";
import { sysctl, sysctlFile } from "./support/sysctl.ts";

const completions = join(root, "completions");

/** A directory with some files, and with a program for whose arguments "alpha" and "beta" are offered. */
const home = scratch();
const program = "exampleprogram";
mkdirSync(join(home, "bin"));
for (const file of [`bin/${program}`, "file-one", "file-two"]) writeFileSync(join(home, file), "#!/bin/sh\n");
chmodSync(join(home, "bin", program), 0o755);

const addresses = ["0.0.0.0", "127.0.0.1", "::", "::1"];
const options = documented.map(({ name }) => `--${name}`);
// Where the kernel does not say, nothing is offered.
const interfaces = existsSync("/sys/class/net") ? readdirSync("/sys/class/net") : [];
const available = "ipv4/tcp_available_congestion_control";
const congestion = existsSync(sysctlFile(available)) ? sysctl(available) : [];

/** What is typed, and what is offered for its last word. */
const everywhere: [typed: string, offered: string[]][] = [
  ["", addresses],
  ["127", ["127.0.0.1"]],
  [":", ["::", "::1"]],
  ["::", ["::1"]],
  ["fe80:", []],
  ["fe80::", []],
  ["--", options],
  ["--interf", ["--interface"]],
  ["--wait 5 --keep-alive-i", ["--keep-alive-interval"]],
  ["--interface=", interfaces.map((device) => `--interface=${device}`)],
  ["--interface ", interfaces],
  ["--interface none", []],
  ["--congestion=", congestion.map((algorithm) => `--congestion=${algorithm}`)],
  ["--congestion ", congestion],
  ["--report-file=file", ["--report-file=file-one", "--report-file=file-two"]],
  ["--report-file file", ["file-one", "file-two"]],
  ["--report-file 'a file' --interf", ["--interface"]],
  ["--wait=", []],
  ["--wait ", []],
  ["-B -b 5 :", ["::", "::1"]],
  ["-Bb 5 --interface=lo :", ["::", "::1"]],
  ["-b5 --wait 3 --report-file=/a:b 127", ["127.0.0.1"]],
  ["-- 127", ["127.0.0.1"]],
  ["-- --interf", []],
  [":: ", []],
  [":: --interf", []],
  [`:: 80 ${program.slice(0, -3)}`, [program]],
  [`-b 5 --interface=lo fe80::1%lo 80 ${program.slice(0, -3)}`, [program]],
  [":: 80 cat file", ["file-one", "file-two"]],
  [":: 80 cat file-one file-t", ["file-two"]],
];

/** Where what follows prog is completed as without us. */
const delegated: typeof everywhere = [
  [`:: 80 ${program} `, ["alpha", "beta"]],
  [`-b 5 --interface=lo --wait 3 -- ::1 80 ${program} --first a`, ["alpha"]],
  [`:: 80 ${name} --interf`, ["--interface"]],
  [`:: 80 ${name} --interface=`, interfaces.map((device) => `--interface=${device}`)],
  [`:: 80 ${name} --interface=lo :`, ["::", "::1"]],
  [`:: 80 ${name} ::1 80 ${program} b`, ["beta"]],
];

/** Run a shell. @returns of each line that begins with ">" the words. */
async function ask(command: string[], stdin = ""): Promise<string[][]> {
  const env = { HOME: home, PATH: `${home}/bin:${process.env["PATH"]}`, TERM: "dumb" };
  const { stdout, stderr } = await run(command, { env, cwd: home, stdin: new Blob([stdin]) });
  const answers = stdout.split("\n").filter((line) => line.startsWith(">"));
  if (answers.length === 0) throw new Error(`${command.join(" ")}: ${stdout}${stderr}`);
  return answers.map((line) => line.slice(1).split("|"));
}

/** Of lines to which a shell has added what it offers, that. */
const added = (rows: typeof everywhere, lines: string[][]) =>
  rows.map(([typed], row) => lines[row]?.slice(typed.replaceAll(/'.*?'/g, "quoted").split(" ").length - 1));

const lastWord = (typed: string) => typed.split(" ").at(-1)!;

/** A word up to its last = or :, if it has one. */
const upToBreak = (word: string) => /^.*[=:]|/.exec(word)?.[0] ?? "";

function expectOffers(rows: typeof everywhere, offers: (string[] | undefined)[]): void {
  const offered = rows.map(([typed], row) => {
    const others = offers[row]?.filter((text) => text !== "" && text !== lastWord(typed));
    // Some show an option with the = of its value.
    return [typed, others?.map((text) => text.replace(/(?<=^--[a-z-]+)=$/, "")).sort()];
  });
  expect(offered).toEqual(rows.map(([typed, expected]) => [typed, expected.toSorted()]));
}

/** The rows typed into bash. Meta-* inserts all that is offered. */
async function typedIntoBash(rows: typeof everywhere, setup: string): Promise<(string[] | undefined)[]> {
  const rc = join(home, "bashrc");
  const script = `PS1= HISTFILE=
${setup}
source ${completions}/${name}.bash
complete -W "alpha beta" ${program}
${name}() { local IFS="|"; echo ">$*"; }
`;
  writeFileSync(rc, script);
  const stdin = `${rows.map(([typed]) => `${name} ${typed}\x1b*\n`).join("")}exit\n`;
  return added(rows, await ask(["bash", "--noprofile", "--rcfile", rc, "-i"], stdin));
}

/** The same, made whole: what precedes the last = or : is not offered again. */
async function brokenByBash(rows: typeof everywhere, setup: string): Promise<(string[] | undefined)[]> {
  const offers = await typedIntoBash(rows, setup);
  return rows.map(([typed], row) => {
    const [first, ...others] = offers[row] ?? [];
    return [first ?? "", ...others.map((text) => upToBreak(lastWord(typed)) + text)];
  });
}

testWith(["bash"], "bash", async () => {
  expectOffers(everywhere, await brokenByBash(everywhere, ""));
});

testWith(["bash", "bash-completion"], "bash with bash-completion", async () => {
  const rows = [...everywhere, ...delegated];
  expectOffers(rows, await brokenByBash(rows, "source /usr/share/bash-completion/bash_completion"));
});

testWith(["bash"], "bash that does not break words at = and :", async () => {
  // Files after a = are for readline to complete.
  const rows = everywhere.filter(([typed]) => typed !== "--report-file=file");
  expectOffers(rows, await typedIntoBash(rows, "COMP_WORDBREAKS=${COMP_WORDBREAKS//[=:]}"));
});

testWith(["zsh"], "zsh", async () => {
  const rc = join(home, "zshrc");
  // The lines are typed into a zsh with a terminal, which inserts all that is offered.
  writeFileSync(
    rc,
    `PS1=
fpath=(${completions} $fpath)
autoload -U compinit
compinit -u -d ${home}/zcompdump
zstyle ":completion:*" completer _all_matches _complete
zstyle ":completion:*:all-matches:*" insert yes
offered() { compadd alpha beta }
compdef offered ${program}
${name}() { print -r -- "<\${(j:|:)@}>" }
`,
  );
  const script = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell 'source ${rc}; echo rea""dy'
zpty -r shell output '*ready*'
for line in "$@"; do
  zpty -w -n shell "${name} $line"$'\t\n'
  zpty -r -m shell output '*<*>*'
  print -r -- ">\${\${output##*<}%>*}"
done
zpty -d shell`;
  const rows = [...everywhere, ...delegated];
  const lines = await ask(["zsh", "-f", "-c", script, "zsh", ...rows.map(([typed]) => typed)]);
  expectOffers(rows, added(rows, lines));
});

testWith(["fish"], "fish", async () => {
  const script = `source ${completions}/${name}.fish
complete -c ${program} -xa "alpha beta"
for line in $argv
    echo ">$(complete -C "${name} $line" | string split -f 1 \\t | string join "|")"
end`;
  const rows = [...everywhere, ...delegated];
  expectOffers(rows, await ask(["fish", "-c", script, ...rows.map(([typed]) => typed)]));
});
