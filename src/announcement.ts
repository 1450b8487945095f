import { read, type Pointer } from "bun:ffi";
import { allocate, cString, handOver, INT, int, POINTER, readCString, strings } from "./libc.ts";
import { INT_MAX, parseUnsigned } from "./numbers.ts";

/** The first descriptor of the protocol: SD_LISTEN_FDS_START of sd_listen_fds(3). */
export const FIRST_ANNOUNCED = 3;

const PID = "LISTEN_PID";
const FDS = "LISTEN_FDS";
const NAMES = "LISTEN_FDNAMES";
/** Newer systemd adds the inode of the pidfd, which stands or falls with the pid. */
const PIDFDID = "LISTEN_PIDFDID";

/** @returns the descriptor after those that are announced to this very process; others do not count. */
export function nextDescriptor(): number {
  return (
    FIRST_ANNOUNCED + ((isForUs() && parseUnsigned(variable(FDS) ?? "", INT_MAX - FIRST_ANNOUNCED)) || 0)
  );
}

/**
 * Announce `descriptor`, the next one, by the LISTEN_FDS protocol.
 * @returns the environment that says so.
 */
export function announce(envp: Pointer, descriptor: number, name: string): Pointer {
  const before = descriptor - FIRST_ANNOUNCED;
  const given = (before > 0 && variable(NAMES)?.split(":")) || [];
  // As many names as descriptors: with any other number, all of them are of no use.
  const names = given.length === before ? given : Array<string>(before).fill("unknown");
  const added = [`${PID}=${ourPid()}`, `${FDS}=${before + 1}`, `${NAMES}=${[...names, name].join(":")}`];
  const replaced = [PID, FDS, NAMES, ...(isForUs() ? [] : [PIDFDID])].map((variable) => `${variable}=`);
  return environment(envp, replaced, added);
}

function ourPid(): string {
  return String(handOver().getpid());
}

/** Whether what is announced was meant for this process. */
function isForUs(): boolean {
  return variable(PID) === ourPid();
}

function variable(name: string): string | undefined {
  const value = strings().getenv(cString(name));
  return value === null ? undefined : readCString(value);
}

/** A copy of `envp`, by address, with `added` in place of what starts with one of `replaced`. */
function environment(envp: Pointer, replaced: string[], added: string[]): Pointer {
  const pointers: Pointer[] = [];
  for (let at = 0, entry; (entry = read.ptr(envp, at)) !== 0; at += POINTER) {
    if (!replaced.some((prefix) => startsWith(entry as Pointer, prefix))) pointers.push(entry as Pointer);
  }
  pointers.push(...added.map(cString));
  // The NULL at the end is there already.
  const list = allocate(POINTER * (pointers.length + 1));
  pointers.forEach((pointer, i) => {
    const at = (list + POINTER * i) as Pointer;
    int(pointer % 2 ** 32, at);
    int(Math.floor(pointer / 2 ** 32), (at + INT) as Pointer);
  });
  return list;
}

function startsWith(address: Pointer, prefix: string): boolean {
  for (let i = 0; i < prefix.length; i++) if (read.u8(address, i) !== prefix.charCodeAt(i)) return false;
  return true;
}
