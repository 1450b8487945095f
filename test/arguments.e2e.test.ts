/** argv is read to its end and no further: what lies behind it is the environment, and the kernel's own. */

import { expect, test } from "bun:test";
import { executable, fatal, name, ok, program, run, testWith, type Result } from "./support/harness.ts";

const usage = `${name}: usage: ${name} [ -d | -D ] [ -b backlog ] [ -M | -m ] [ -B ] ip port prog...\n`;

/** What is said where operands are missing. */
function missing(operands: string): Result {
  const { stderr, ...rest } = fatal(`missing ${operands}`, 100);
  return { ...rest, stderr: stderr + usage };
}

/** Options of all forms, each with what comes of a command line that ends after it, and no operand. */
const beginnings: [args: string[], result: Result][] = [
  [[], missing("ip, port and prog")],
  [["-D"], missing("ip, port and prog")],
  [["-DmB"], missing("ip, port and prog")],
  [["-b"], missing("ip, port and prog")],
  [["-Bb"], missing("ip, port and prog")],
  [["-b5"], missing("ip, port and prog")],
  [["-b", "5"], missing("ip, port and prog")],
  [["--"], missing("ip, port and prog")],
  [["-d", "--"], missing("ip, port and prog")],
  [["-b", "--"], missing("ip, port and prog")],
  [["--backlog"], missing("ip, port and prog")],
  [["--no-delay"], missing("ip, port and prog")],
  [["--wait=1"], missing("ip, port and prog")],
  [["--wait"], fatal("option needs a value: --wait", 100)],
  [["--report-fd"], fatal("option needs a value: --report-fd", 100)],
  [[""], missing("port and prog")],
  [["-"], missing("port and prog")],
  [["127.0.0.1"], missing("port and prog")],
  [["-D", "--", "::1"], missing("port and prog")],
  [["127.0.0.1", "0"], missing("prog")],
  [["-mb0", "--report-fd=1", "--", "::1", "0"], missing("prog")],
];

/** What could be taken for arguments, were it read as such. */
const environments = [[], ["127.0.0.1=1"], ["A=1", "0=0", "/bin/echo=1", "PATH=/bin"]];

const noArguments = program("no-arguments.c");

for (const environment of environments) {
  test.each(beginnings)(`cut off after %j, with ${environment.length} variables`, async (args, result) => {
    expect(await run(["env", "-i", ...environment, executable, ...args])).toEqual(result);
  });

  testWith(["cc"], `no argv at all, with ${environment.length} variables`, async () => {
    expect(await run([await noArguments(), ...environment, executable])).toEqual(
      missing("ip, port and prog"),
    );
  });
}

test("a whole command line, with an empty environment", async () => {
  expect(await run(["env", "-i", executable, "127.0.0.1", "0", "/bin/echo", "-D"])).toEqual(ok("-D\n"));
});
