/** How the rows of the tables are written: command lines in the surroundings that they are rehearsed in. */

import { constants as modes } from "node:fs";
import { name } from "../../package.json";
import type { Rehearsal } from "../freeze/session.ts";

/** All that a row may say besides the command line. */
export type Surroundings = Partial<Omit<Rehearsal, "args" | "exit">>;

/** Options as words, or one by one where there is a space in them, or none. */
export type Words = string | readonly string[];

export const words = (text: Words): readonly string[] =>
  typeof text !== "string" ? text : text === "" ? [] : text.split(" ");

// linux/stat.h
export const S_IFREG = modes.S_IFREG;
export const S_IFDIR = modes.S_IFDIR;
export const S_IFIFO = modes.S_IFIFO;
export const S_IFCHR = modes.S_IFCHR;
export const S_IFLNK = modes.S_IFLNK;

export const IPV4 = ["127.0.0.1", "0"];
export const IPV6 = ["::1", "0"];
export const PROG = ["/prog", "a"];

/** Nothing is ever executed: that prog is not found is the good end of a rehearsal. */
export const GOOD = 127;
export const USAGE = 100;
export const SYSTEM = 111;
export const CANNOT_EXEC = 126;

/** A sound environment, and prog where it is looked for. */
const surroundings: Required<Pick<Surroundings, "environment" | "files">> = {
  environment: ["PATH=/nonexistent:/usr", "HOME=/", "TERM=dumb"],
  files: { "/prog": { mode: S_IFREG | 0o755 }, "/usr/prog": { mode: S_IFREG | 0o755 } },
};

/** All arguments, and what they come to. Files are added to prog. */
export function line(exit: number, args: Words, { files, ...others }: Surroundings = {}): Rehearsal {
  const all = { ...surroundings.files, ...files };
  return { ...surroundings, ...others, files: all, args: [name, ...words(args)], exit };
}

/** Options in front of operands that nothing is wrong with. */
export const good = (options: Words, others?: Surroundings) =>
  line(GOOD, [...words(options), ...IPV4, ...PROG], others);
export const good6 = (options: Words, others?: Surroundings) =>
  line(GOOD, [...words(options), ...IPV6, ...PROG], others);

/** Options that are refused. */
export const refused = (options: Words, others?: Surroundings) =>
  line(USAGE, [...words(options), ...IPV4, ...PROG], others);

/** Options with which a system call, or a check of ours before it, fails. */
export const failed = (options: Words, others?: Surroundings) =>
  line(SYSTEM, [...words(options), ...IPV4, ...PROG], others);

/** What most runs are. */
export const usual: readonly Rehearsal[] = [
  { ...good6(""), common: true },
  { ...good("-m -D -b0"), common: true },
  { ...good("-D -b 5 --keep-alive --report-fd=2"), common: true },
  { ...line(GOOD, [...IPV4, "prog"]), common: true },
  { ...good(""), common: true },
];

/** The ways to the end of the process: prog was not executed, an error, a text. */
export const ends: readonly Rehearsal[] = [
  good(""),
  refused("-z"),
  failed("--fd=1000000"),
  line(0, "--version"),
].map((row) => ({ ...row, exits: true }));
