import { name } from "../package.json";

/** What a file that was just built must do, whatever else. prog is this Bun, which tells what its stdin is. */
const prog = [process.execPath, "-e", 'process.exit(require("node:fs").fstatSync(0).isSocket() ? 42 : 1)'];

const runs: readonly (readonly [args: string[], exit: number, says: RegExp])[] = [
  [["127.0.0.1", "0", ...prog], 42, /^$/],
  [["-D", "--backlog=5", "--report-fd=1", "127.0.0.1", "0", ...prog], 42, /^127\.0\.0\.1 [0-9]+\n$/],
  [
    ["not-an-ip", "0", "prog"],
    100,
    RegExp(`^${name}: fatal: invalid ip not-an-ip: .*\n${name}: usage: .*\n$`),
  ],
  [["--help"], 0, /--backlog/],
];

/** Run an executable. @throws Error when it does not do what it should: then nobody shall get it. */
export function prove(executable: string): void {
  for (const [args, exit, says] of runs) {
    const { exitCode, signalCode, stdout, stderr } = Bun.spawnSync([executable, ...args], {
      timeout: 10_000,
    });
    const said = `${stdout}${stderr}`;
    if (exitCode === exit && says.test(said)) continue;
    const end = signalCode ?? `exit status ${exitCode}`;
    throw new Error(
      `the executable does not work: ${args.join(" ")}: ${end} instead of ${exit}: ${said.trimEnd()}`,
    );
  }
}
