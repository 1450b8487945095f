/** What is tested in every emulated machine. */

import { describe, expect } from "bun:test";
import type { Architecture } from "../../scripts/machine/workshop.ts";
import { architectureOf, type Machine, type MachineKind } from "../../scripts/machine/machine.ts";
import { sockopts, type Sockopt, type SockoptName } from "../../src/sockopts.ts";
import { cases, oneOfEach, repeatCases } from "./cases.ts";
import { isExhaustive, isThorough, scratch, testIf, testWith } from "./harness.ts";
import {
  compilerFor,
  furnish,
  inMachine,
  machine,
  machineTools,
  stateInMachine,
  type Furnished,
} from "./machines.ts";
import { everySituation } from "./situations.ts";
import { rows as settings } from "./sockopt-rows.ts";
import { statesIn } from "./state.ts";

const max = / paca .* bti$/m;
const a53 = /^CPU part\t: 0xd03$/m;
const nehalem = /^model name\t: Intel Core i7 9xx \(Nehalem/m;

/**
 * What each is, as uname(1) and /proc have it; and whether all that takes long is run in it: others differ in little.
 * With pages of 64 KiB, the kernel has to be built first.
 */
type Row = readonly [kind: MachineKind, release: RegExp, cpu: RegExp, pageSize: number, isWhole: boolean];
const rows: readonly Row[] = [
  ["arm64 max", /^6\.1\./, max, 4096, true],
  ["arm64 Linux 5.10", /^5\.10\./, a53, 4096, true],
  ["arm64 16 KiB pages", /^6\.12\./, max, 16384, false],
  ...(isExhaustive ? [["arm64 64 KiB pages", /^6\.1\./, max, 65536, true] as const] : []),
  ["x64 Linux 5.10", /^5\.10\./, nehalem, 4096, true],
  ["x64 Linux 6.1", /^6\.1\./, nehalem, 4096, false],
  ["x64 Linux 6.12", /^6\.12\./, nehalem, 4096, false],
];

/** Promise 16 MiB more than what has been promised already, and run a command; then be as before. */
const overcommit = `cd /proc/sys/vm && promised=$(sed -n 's/^Committed_AS: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo)
  echo $((promised + 16384)) >overcommit_kbytes && echo 2 >overcommit_memory || exit
  "$@"; status=$?; echo 0 >overcommit_memory; exit $status`;

/** A socket option as arguments, with what it needs. The congestion control is one that every kernel has. */
function argumentsOf(option: SockoptName): string[] {
  const { needs, only }: Sockopt = sockopts[option];
  const value = option === "congestion" ? "reno" : settings[option].value;
  const udp = only === "udp" ? ["-m", "-b0"] : [];
  return [...udp, ...(needs ? [`--${needs}`] : []), `--${option}${value === undefined ? "" : `=${value}`}`];
}

/** @returns the socket options that a kernel refuses. */
async function refused(machine: Machine, ip: string, mptcp: string[] = []): Promise<string[]> {
  const options = (Object.keys(sockopts) as SockoptName[]).filter((option) => {
    const { only, inet6 }: Sockopt = sockopts[option];
    return (ip === "127.0.0.1" || inet6) && !(mptcp.length > 0 && only === "udp");
  });
  const ends = await machine.runAll(
    options.map((option) => [...inMachine.launcher, ...mptcp, ...argumentsOf(option), ip, "0", "/bin/true"]),
  );
  return options.filter((_, i) => ends[i]!.exit !== 0);
}

/** Shell scripts for the machine: the exit status, and all that they say. */
const scripts: [script: string, exit: number, said: RegExp][] = [
  ["/bin/binder -D -b 5 --keep-alive --report-fd=1 --tos=32 ::1 0 echo ran", 0, /^::1 [0-9]+\nran\n$/],
  ["/bin/binder --report-file=/report 127.0.0.1 0 cat /report", 0, /^127\.0\.0\.1 [0-9]+\n$/],
  [
    `/bin/binder --listen-fds --fd-name=http ::1 0 sh -c '[ $LISTEN_PID = $$ ] && echo $LISTEN_FDS $LISTEN_FDNAMES'`,
    0,
    /^1 http\n$/,
  ],
  [
    `signals='grep Sig[BIC] /proc/self/status'
     [ "$(/bin/binder ::1 0 $signals)" = "$($signals)" ] && echo as they were`,
    0,
    /^as they were\n$/,
  ],
  // SIGSEGV is the eleventh; some shells ignore the third themselves.
  [`trap "" SEGV; /bin/binder -D --tos=32 ::1 0 grep SigIgn /proc/self/status`, 0, /^SigIgn:\t0*40[04]\n$/],
  ["/bin/binder --ttl=0x1 ::1 0 true", 100, /^.+: fatal: --ttl must be .+\n$/],
  ["/bin/binder 192.0.2.1 80 true", 111, /^.+: Cannot assign requested address\n$/],
  ["/bin/binder ::1 0 /nonexistent", 127, /^.+: fatal: unable to exec .+\n$/],
];

export const machinesOf = (architecture: Architecture) =>
  rows.filter(([kind]) => architectureOf(kind) === architecture);

/** Describe machines. @param binder our executable for their architecture. */
export function describeMachines(machines: readonly Row[], binder: string): void {
  describe.each(machines)("%s", (...row) => describeMachine(row, binder));
}

function describeMachine([kind, release, cpu, pageSize, isWhole]: Row, binder: string): void {
  const wanted = isThorough && isWhole ? cases : oneOfEach();
  const started = machine(kind);
  let furnished: Promise<Furnished> | undefined;
  const directory = scratch();
  const cc = compilerFor(kind);
  const place = () => (furnished ??= prepare());
  const prepare = async () => furnish(await started(), directory, cc, binder);

  testWith(
    machineTools(kind),
    "is what it is called",
    async () => {
      const commands = ["uname -r", "cat /proc/cpuinfo", "grep -m1 KernelPageSize /proc/self/smaps"];
      const said = await (await started()).runAll(commands.map((command) => command.split(" ")));
      expect(said.map(({ stdout }) => stdout)).toEqual([
        expect.stringMatching(release),
        expect.stringMatching(cpu),
        expect.stringMatching(new RegExp(` ${pageSize / 1024} kB\n$`)),
      ]);
    },
    600_000,
  );

  testWith(
    [cc, ...machineTools(kind)],
    `${wanted.length} runs of the original`,
    async () => {
      expect(await repeatCases(wanted, { ...inMachine, place: await place() })).toEqual([]);
    },
    900_000,
  );

  testIf(isWhole)(
    [cc, ...machineTools(kind)],
    "prog sees the same process as without our executable",
    async () => {
      const { machine } = await place();
      // Megabytes of strings take long here, and are the same to every kernel.
      for (const [theme, situations] of everySituation("/tmp")) {
        if (theme === "arguments and variables") continue;
        const states = await statesIn(machine, architectureOf(kind), stateInMachine, situations);
        for (const [name, [direct, through]] of states) {
          expect([name, direct]).toEqual([name, expect.stringMatching(/^exit 0\n[^]*\npid: the shell's\n/)]);
          expect([name, through]).toEqual([name, direct]);
        }
      }
    },
    600_000,
  );

  testWith(
    [cc, ...machineTools(kind)],
    "every option works, but for those that docs/options.md names",
    async () => {
      const { machine } = await place();
      const binder = inMachine.launcher;
      const others = "--dual-stack --netns=/proc/self/ns/net --adopt --fd=5 --report-fd=2 --notify --wait=1";
      const { exit, stderr } = await machine.run([...binder, ...others.split(" "), "::", "0", "/bin/true"]);
      expect([exit, stderr]).toEqual([0, expect.stringMatching(/^:: \d+\n$/)]);
      for (const ip of ["127.0.0.1", "::1"]) {
        expect([ip, await refused(machine, ip)]).toEqual([ip, []]);
        const { stderr } = await machine.run([...binder, "--mptcp", ip, "0", "/bin/true"]);
        // Debian's is built without it.
        const hasMptcp = !release.test("5.10.0");
        expect(stderr).toMatch(hasMptcp ? /^$/ : /unable to create socket: Protocol not supported\n$/);
        if (!hasMptcp) continue;
        const fastOpen = release.test("6.1.0") ? ["fast-open"] : [];
        const tos = ip === "::1" ? ["tos"] : [];
        expect([ip, (await refused(machine, ip, ["--mptcp"])).toSorted()]).toEqual([
          ip,
          [...fastOpen, ...tos, "ttl", "user-timeout"],
        ]);
      }
    },
    600_000,
  );

  testWith(
    [cc, ...machineTools(kind)],
    "memory is promised only where it is there: vm.overcommit_memory=2",
    async () => {
      const { machine } = await place();
      const command = [...inMachine.launcher, "::1", "0", inMachine.probe];
      const { exit, stdout, stderr } = await machine.run(["sh", "-c", overcommit, "sh", ...command]);
      expect({ exit, stderr }).toEqual({ exit: 42, stderr: "" });
      expect(JSON.parse(stdout).socket.listening).toBe(true);
    },
    600_000,
  );

  testWith(
    [cc, ...machineTools(kind)],
    "long options; what prog gets, and the line of an error",
    async () => {
      const { machine } = await place();
      const results = await machine.runAll(scripts.map(([script]) => ["sh", "-c", script]));
      scripts.forEach(([script, exit, said], index) => {
        const { exit: status, stdout, stderr } = results[index]!;
        expect([script, status, stdout + stderr]).toEqual([script, exit, expect.stringMatching(said)]);
      });
    },
    600_000,
  );
}
