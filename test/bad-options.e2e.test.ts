/** Whatever is wrong with an option: exit 100, the reason, nothing executed, no file written. */

import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { options } from "../src/command.ts";
import { badOptions, type BadOption } from "./support/bad-options.ts";
import { bind, fatal, name, scratch } from "./support/harness.ts";

test("every option has bad values", () => {
  expect(Object.keys(badOptions).sort()).toEqual([...options.keys()].sort());
});

/** No option: neither a name, nor a beginning of one, nor a letter of one. */
const noOptions: BadOption[] = [
  ...["--report", "--no-tcp", "--listen_fds", "--Fd", "--ip", "--prog...", "--no-reuse-port"].map(
    (text): BadOption => [[text], `unrecognized boolean option: ${text}`],
  ),
  ...["--report=3", "--port=80", "--_=1"].map((text): BadOption => [
    [text],
    `unrecognized option with argument: ${text}`,
  ]),
  ...["--=", "--=1"].map((text): BadOption => [[text], `invalid option: ${text}`]),
  ...["-h", "-V", "-f", "-w3"].map((text): BadOption => [
    [text],
    `unrecognized short option: ${text.charAt(1)}`,
  ]),
];

const hint = new RegExp(`^${name}: hint: .+\n(?=${name}: fatal: unrecognized )`);

for (const [option, rows] of Object.entries({ ...badOptions, "not an option": noOptions })) {
  test(`${option}: ${rows.length} bad ones`, async () => {
    const cwd = scratch();
    for (const [args, reason, ip = "127.0.0.1"] of rows) {
      const command = ["--report-file=report", ...args, ip, "0", "touch", "executed"];
      const { stderr, ...rest } = await bind(command, { cwd });
      // What the original says, too, comes after a hint: see parse.test.ts.
      const lines = stderr.replace(hint, "");
      expect([args, { ...rest, stderr: lines }]).toEqual([args, fatal(reason, 100)]);
    }
    expect(readdirSync(cwd)).toEqual([]);
  }, 60_000);
}

test("a value that is missing at the very end", async () => {
  for (const [option, { type, alias }] of options) {
    if (type !== "string" || alias) continue;
    expect(await bind([`--${option}`])).toEqual(fatal(`option needs a value: --${option}`, 100));
  }
});
