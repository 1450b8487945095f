/** What takes a system of one's own, in an emulated machine: systemd as the first process, and a VRF. */

import { describe, expect } from "bun:test";
import { join } from "node:path";
import { file, fileAt, type Files } from "../../scripts/machine/cpio.ts";
import type { Machine } from "../../scripts/machine/machine.ts";
import { executable, name, ok, program, root, testWith } from "../support/harness.ts";
import { isOurs, machine, machineTools } from "../support/machines.ts";

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
  "blue.service": service("ExecStart=/examples/vrf.sh /bin/serve blue"),
  "plain.service": service("Type=notify", `ExecStart=${binder} --notify 0.0.0.0 80 /bin/serve plain`),
};

let furnished: Promise<Machine> | undefined;
const furnish = async () => {
  const [machine, serve] = await Promise.all([started(), server()]);
  const files: Files = new Map([
    ["bin/serve", fileAt(serve)],
    [`bin/${name}`, fileAt(executable)],
    ["examples/vrf.sh", fileAt(join(root, "examples/vrf.sh"))],
  ]);
  for (const [unit, lines] of Object.entries(units))
    files.set(`etc/systemd/system/${unit}`, file(`${lines.join("\n")}\n`));
  await machine.put(files);
  return machine;
};

/** A command that asks the server at an address. */
const ask = (address: string, inside = "") => `${inside} wget -q -O - http://${address}/`;
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
  [
    "examples/vrf.sh: only those in the VRF are answered, whose addresses others may have, too",
    `client() {
      ip netns add "$1"
      ip link add "$2" type veth peer name client netns "$1"
      ip address add 192.0.2.1/24 dev "$2"
      ip link set "$2" up
      ip -n "$1" address add 192.0.2.2/24 dev client
      ip -n "$1" link set client up
    }
    client inside eth1
    client outside eth2
    systemctl start blue
    until ${ask("192.0.2.1", "ip netns exec inside")} 2>/dev/null; do :; done
    ! ${ask("192.0.2.1", "ip netns exec outside")} 2>&1
    systemctl start plain
    ${ask("192.0.2.1", "ip netns exec outside")}
    ${ask("192.0.2.1", "ip netns exec inside")}`,
    `blue 1
wget: can't connect to remote host (192.0.2.1): Connection refused
plain 1
blue 2
`,
  ],
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
