/** Rows of system calls that fail. */

import type { Rehearsal } from "../freeze/session.ts";
import { errorsOf, failing, type CallName } from "./errors.ts";
import { IPV4, line, PROG, words, type Surroundings, type Words } from "./lines.ts";

interface Details extends Surroundings {
  /** How often the call does not fail before. */
  readonly after?: number;
  /** Those errors alone; or all but those that begin the text with "not". */
  readonly errors?: string;
  /** ip and port. */
  readonly at?: readonly string[];
}

/** A command line in which a call fails, once with each error. */
export function fails(
  exit: number,
  call: CallName,
  options: Words = "",
  { after = 0, errors = "", at = IPV4, ...surroundings }: Details = {},
): Rehearsal[] {
  return chosen(call, errors).map((error) =>
    line(exit, [...words(options), ...at, ...PROG], {
      ...surroundings,
      failures: failing(call, error, after),
    }),
  );
}

function chosen(call: CallName, errors: string): readonly string[] {
  const all = errorsOf[call].split(" ");
  if (errors === "") return all;
  const [not, ...others] = errors.split(" ");
  return not === "not" ? all.filter((error) => !others.includes(error)) : errors.split(" ");
}
