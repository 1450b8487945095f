/** --notify and --adopt under systemd itself, which is the first process of an emulated machine. */

import { describe, expect } from "bun:test";
import { file, fileAt, type Files } from "../scripts/machine/cpio.ts";
import type { Machine } from "../scripts/machine/machine.ts";
import { executable, name, ok, program, testWith } from "./support/harness.ts";
import { isOurs, machine, machineTools } from "./support/machines.ts";

const kind = "x64 systemd";
const started = machine(kind);
/** It knows nothing of systemd, and answers with a word and a number. */
const server = program("serve.c", ["cc", "-static"]);

const binder = `/usr/bin/${name}`;
const service = (...lines: string[]) => ["[Service]", ...lines];
const socket = (address: string) => ["[Socket]", `ListenStream=${address}`, "Accept=no"];

/** Each unit has a port of its own. */
const units = {
  "notifying.service": service(
    "Type=notify",
    `ExecStart=${binder} --notify 127.0.0.1 8001 /bin/serve notifying`,
  ),
  "silent.service": service(
    "Type=notify",
    "TimeoutStartSec=infinity",
    `ExecStart=${binder} 127.0.0.1 8002 /bin/serve silent`,
  ),
  "late.service": service(
    "Type=notify",
    `ExecStart=${binder} --notify --wait=100 192.0.2.3 8003 /bin/serve late`,
  ),
  "adopting.socket": socket("127.0.0.1:8004"),
  "adopting.service": service(`ExecStart=${binder} --adopt 127.0.0.1 8004 /bin/serve adopting`),
  "both.socket": socket("127.0.0.1:8005"),
  "both.service": service(
    "Type=notify",
    `ExecStart=${binder} --adopt --notify 127.0.0.1 8005 /bin/serve both`,
  ),
};

let furnished: Promise<Machine> | undefined;
const furnish = async () => {
  const [machine, serve] = await Promise.all([started(), server()]);
  const files: Files = new Map([
    ["bin/serve", fileAt(serve)],
    [`bin/${name}`, fileAt(executable)],
  ]);
  for (const [unit, lines] of Object.entries(units))
    files.set(`etc/systemd/system/${unit}`, file(`${lines.join("\n")}\n`));
  await machine.put(files);
  return machine;
};

/** A command that asks the server at an address. */
const ask = (address: string) => `wget -q -O - http://${address}/`;
const mainPid = (unit: string) => `$(systemctl show -P MainPID ${unit})`;
/** Start a service by connecting to its socket. The last line counts where systemd has the same socket. */
const adopt = (unit: string, port: number) => `
  systemctl start ${unit}.socket
  systemctl is-active ${unit}.service || true
  ${ask(`127.0.0.1:${port}`)}
  systemctl is-active ${unit}.service
  ls -l /proc/1/fd | grep -cF "$(readlink /proc/${mainPid(unit)}/fd/0)"`;

const rows: [title: string, script: string, stdout: string][] = [
  [
    "--notify: the start is complete when it listens",
    `systemctl start notifying; systemctl is-active notifying; ${ask("127.0.0.1:8001")}`,
    "active\nnotifying 1\n",
  ],
  [
    "without --notify it never is",
    `systemctl start --no-block silent
    until ${ask("127.0.0.1:8002")} 2>/dev/null; do :; done
    systemctl is-active silent || true`,
    "silent 1\nactivating\n",
  ],
  [
    "--notify: the start is not complete before",
    `systemctl start --no-block late
    until grep -q nanosleep /proc/${mainPid("late")}/wchan 2>/dev/null; do :; done
    systemctl is-active late || true
    ip address add 192.0.2.3 dev lo
    systemctl start late; systemctl is-active late; ${ask("192.0.2.3:8003")}`,
    "activating\nactive\nlate 1\n",
  ],
  [
    "--adopt: the socket is that of the socket unit",
    adopt("adopting", 8004),
    "inactive\nadopting 1\nactive\n1\n",
  ],
  ["--adopt with --notify", adopt("both", 8005), "inactive\nboth 1\nactive\n1\n"],
];

describe.if(isOurs(kind))(kind, () => {
  for (const [title, script, stdout] of rows)
    testWith(
      ["cc", ...machineTools(kind)],
      title,
      async () => {
        const machine = await (furnished ??= furnish());
        expect(await machine.run(["sh", "-euc", script])).toEqual(ok(stdout));
      },
      240_000,
    );
});
