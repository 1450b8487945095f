/** qemu: a process that is a machine, and the channels to it. */

import { need } from "./command.ts";
import type { System } from "./systems.ts";

/** By architecture, as it is called by Bun and Node.js. */
export const emulators = {
  arm64: { program: "qemu-system-aarch64", machine: "virt", console: "ttyAMA0" },
  x64: { program: "qemu-system-x86_64", machine: "q35", console: "ttyS0" },
} as const;

export interface Hardware {
  architecture: keyof typeof emulators;
  cpu: string;
  /** In MiB. */
  memory: number;
  /** How many serial ports there are besides the console: /dev/vport0p1 and up. */
  ports: number;
}

/** The host's side of a port. */
export interface Channel {
  send(bytes: Uint8Array): Promise<void>;
  /** What came in; undefined when the machine has ended. */
  receive(): Promise<Uint8Array | undefined>;
}

export interface Emulator {
  channels: Channel[];
  /** End the machine. @returns its last words: what is on its console, and what qemu says. */
  end(): Promise<string>;
}

/** Switch a machine on. It has no network and no disk, and is gone when this process is. */
export function startEmulator(hardware: Hardware, { kernel, initrd }: System): Emulator {
  const { architecture, cpu, memory, ports } = hardware;
  const { program, machine, console } = emulators[architecture];
  for (const needed of ["setpriv", program]) need(needed);
  // The channels are sockets that qemu inherits: nobody else can reach them, and nothing is left of them.
  const sockets = Array.from({ length: ports }, (_, index) => [
    ...["-chardev", `socket,id=port${index},fd=${3 + index}`],
    ...["-device", `virtserialport,chardev=port${index}`],
  ]);
  const command = [
    ...["setpriv", "--pdeathsig", "KILL", program],
    // With two CPUs each change of a page table would wait for the other one, which on a busy host does not run.
    ...["-machine", machine, "-accel", "tcg", "-cpu", cpu, "-smp", "1", "-m", String(memory)],
    // Page tables of the kernel's own, which protect it on some CPUs, make each system call slow here.
    ...["-kernel", kernel, "-initrd", initrd],
    ...["-append", `console=${console} quiet panic=-1 mitigations=off`],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"],
    ...["-device", "virtio-serial-pci", ...sockets.flat()],
  ];
  const child = Bun.spawn(command, {
    stdio: ["ignore", "pipe", "pipe", ...Array.from({ length: ports }, () => "pipe" as const)],
  });
  const said = Promise.all([child.stdout, child.stderr].map(lastOf));
  return {
    channels: child.stdio.slice(3).map((descriptor) => channel(Number(descriptor))),
    end: async () => {
      child.kill("SIGKILL");
      return (await said).join("").trim();
    },
  };
}

function channel(descriptor: number): Channel {
  const file = Bun.file(descriptor);
  const writer = file.writer();
  const reader = file.stream().getReader();
  return {
    async send(bytes) {
      writer.write(bytes);
      await writer.flush();
    },
    async receive() {
      const { value } = await reader.read();
      return value;
    },
  };
}

/** The end of what a stream says, once it has ended. */
async function lastOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of stream) text = (text + decoder.decode(bytes)).slice(-4000);
  return text;
}
