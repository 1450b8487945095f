import { ptr, read, type Pointer } from "bun:ffi";
import { cString, POINTER, readCString, storePointer } from "./bytes.ts";
import { getenv } from "./entry.ts";
import { libc } from "./libc.ts";
import { INT_MAX, parseUnsigned } from "./numbers.ts";

/** The first descriptor that is passed: sd_listen_fds(3). */
export const SD_LISTEN_FDS_START = 3;

/** How an entry of the environment begins, as text and as a C string. */
const entry = (name: string) => ({ begin: `${name}=`, name: cString(name), cBegin: cString(`${name}=`) });
const LISTEN_PID = entry("LISTEN_PID");
const LISTEN_FDS = entry("LISTEN_FDS");
const LISTEN_FDNAMES = entry("LISTEN_FDNAMES");
/** Newer systemd adds the inode of the pidfd, which stands or falls with the pid. */
const LISTEN_PIDFDID = entry("LISTEN_PIDFDID");

type Entry = typeof LISTEN_PID;

/** @returns the descriptor after those that are passed to this very process; others do not count. */
export function nextDescriptor(): number {
  const count = isForUs() ? parseUnsigned(variable(LISTEN_FDS) ?? "", INT_MAX - SD_LISTEN_FDS_START) : 0;
  return SD_LISTEN_FDS_START + (count ?? 0);
}

/**
 * A copy of `envp` that passes `descriptor`, the next one.
 * @returns char *envp[], followed by the strings that are not in the original.
 */
export function passingEnvironment(envp: Pointer, descriptor: number, name: string): Uint8Array {
  const before = descriptor - SD_LISTEN_FDS_START;
  const added = [
    `${LISTEN_PID.begin}${libc.getpid()}`,
    `${LISTEN_FDS.begin}${before + 1}`,
    `${LISTEN_FDNAMES.begin}${namesOf(before)}${name}`,
  ];
  const keepsPidfd = isForUs();

  let size = 0;
  for (let i = 0; i < added.length; i++) size += added[i]!.length + 1;
  let count = 0;
  while (read.ptr(envp, POINTER * count) !== 0) count++;
  const list = POINTER * (count + added.length + 1);

  const block = Buffer.alloc(list + size);
  const pointers = new Uint32Array(block.buffer, block.byteOffset, list / 4);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const address = read.ptr(envp, POINTER * i) as Pointer;
    if (!isReplaced(address, keepsPidfd)) storePointer(pointers, kept++, address);
  }
  let end = list;
  for (let i = 0; i < added.length; i++) {
    storePointer(pointers, kept + i, ptr(block, end));
    end += block.write(added[i]!, end, "latin1") + 1;
  }
  return block;
}

/** As many names as descriptors, each followed by a colon: with any other number, all of them are of no use. */
function namesOf(count: number): string {
  if (count === 0) return "";
  const names = variable(LISTEN_FDNAMES);
  let number = 1;
  for (let at = -1; names && (at = names.indexOf(":", at + 1)) !== -1;) number++;
  return names !== undefined && number === count ? `${names}:` : "unknown:".repeat(count);
}

/** Whether what is passed was meant for this process. */
function isForUs(): boolean {
  return variable(LISTEN_PID) === String(libc.getpid());
}

function variable({ name }: Entry): string | undefined {
  const value = getenv(name);
  return value === null ? undefined : readCString(value);
}

function isReplaced(address: Pointer, keepsPidfd: boolean): boolean {
  return (
    begins(address, LISTEN_PID) ||
    begins(address, LISTEN_FDS) ||
    begins(address, LISTEN_FDNAMES) ||
    (!keepsPidfd && begins(address, LISTEN_PIDFDID))
  );
}

function begins(address: Pointer, { cBegin }: Entry): boolean {
  return libc.strncmp(address, cBegin, cBegin.length - 1) === 0;
}
