/** qemu: a process that is a machine, and the channels to it. */

import { need } from "./command.ts";
import type { System } from "./systems.ts";

/** By architecture, as it is called by Bun and Node.js. */
const emulators = {
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
  /** The machine's last words: its console, and what qemu says. */
  lastWords(): string;
  /** Resolved when the machine has ended. */
  ended: Promise<unknown>;
  end(): Promise<void>;
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
    ...["-machine", machine, "-accel", "tcg", "-cpu", cpu, "-smp", "2", "-m", String(memory)],
    ...["-kernel", kernel, "-initrd", initrd, "-append", `console=${console} quiet panic=-1`],
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", "stdio"],
    ...["-device", "virtio-serial-pci", ...sockets.flat()],
  ];
  const child = Bun.spawn(command, {
    stdio: ["ignore", "pipe", "pipe", ...Array.from({ length: ports }, () => "pipe" as const)],
  });
  const said = [new LastWords(child.stdout), new LastWords(child.stderr)];
  return {
    channels: child.stdio.slice(3).map((descriptor) => channel(Number(descriptor))),
    lastWords: () => said.map(String).join(""),
    ended: child.exited,
    end: async () => {
      child.kill("SIGKILL");
      await child.exited;
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

/** The end of what a stream says. */
class LastWords {
  #text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    void this.#read(stream);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#text = (this.#text + decoder.decode(bytes)).slice(-4000);
  }

  toString(): string {
    return this.#text;
  }
}
