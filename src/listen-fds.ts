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
  const text = isForUs() ? getenv(LISTEN_FDS.name) : null;
  const count = text === null ? 0 : (parseUnsigned(text, INT_MAX - SD_LISTEN_FDS_START) ?? 0);
  return SD_LISTEN_FDS_START + count;
}

/** What changes in what is passed: a socket is taken out, or comes behind the others, or both. */
interface Change {
  /** The descriptor of the one that is taken out. */
  readonly adopted: number | undefined;
  /** Whether one comes behind the others. */
  readonly listenFds: boolean;
  /** Its name, unless it keeps the one that it had. */
  readonly fdName: string | undefined;
}

/**
 * A copy of `envp` that says what is passed after the change. If that is nothing, it has no word of it.
 * @returns char *envp[], followed by the strings that are not in the original.
 */
export function passingEnvironment(envp: Pointer, { adopted, listenFds, fdName }: Change): Uint8Array {
  const before = nextDescriptor() - SD_LISTEN_FDS_START;
  const taken = adopted === undefined ? before : adopted - SD_LISTEN_FDS_START;
  const kept = adopted === undefined ? before : before - 1;
  const count = listenFds ? kept + 1 : kept;
  const names = namesOf(before);
  const own =
    fdName ?? (taken < before ? names.slice(beginOf(names, taken), beginOf(names, taken + 1) - 1) : UNKNOWN);
  const rest = kept === 0 ? "" : without(names, taken);
  const added: string[] = [];
  if (count > 0) {
    added.push(`${LISTEN_PID.begin}${libc.getpid()}`);
    added.push(`${LISTEN_FDS.begin}${count}`);
    added.push(`${LISTEN_FDNAMES.begin}${listenFds ? (kept === 0 ? own : `${rest}:${own}`) : rest}`);
  }
  return environment(envp, added, count > 0 && isForUs());
}

/** A copy of `envp` with other entries of the protocol. */
function environment(envp: Pointer, added: readonly string[], keepsPidfd: boolean): Uint8Array {
  let size = 0;
  for (let i = 0; i < added.length; i++) size += added[i]!.length + 1;
  let count = 0;
  while (read.ptr(envp, POINTER * count) !== 0) count++;
  const list = POINTER * (count + added.length + 1);

  const block = Buffer.alloc(list + size);
  const start = ptr(block);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const address = read.ptr(envp, POINTER * i) as Pointer;
    if (isReplaced(address, keepsPidfd)) continue;
    libc.memcpy((start + POINTER * kept++) as Pointer, (envp + POINTER * i) as Pointer, POINTER);
  }
  let end = list;
  for (let i = 0; i < added.length; i++) {
    storePointer(block, POINTER * (kept + i), start + end);
    end += block.write(added[i]!, end, "latin1") + 1;
  }
  return block;
}

const UNKNOWN = "unknown";

/** As many names as descriptors, with colons between: with any other number, all of them are of no use. */
function namesOf(count: number): string {
  const names = variable(LISTEN_FDNAMES);
  const isList = names !== undefined && beginOf(names, count - 1) <= names.length;
  if (isList && beginOf(names, count) > names.length) return names;
  return count === 0 ? "" : `${UNKNOWN}:`.repeat(count).slice(0, -1);
}

/** Where the name at `index` begins in a list of them; beyond the end, if there are fewer. */
function beginOf(names: string, index: number): number {
  let begin = 0;
  for (let i = 0; i < index && begin <= names.length; i++) {
    const colon = names.indexOf(":", begin);
    begin = colon === -1 ? names.length + 1 : colon + 1;
  }
  return begin;
}

/** A list of names without the one at `index`, if there is such a one. */
function without(names: string, index: number): string {
  const begin = beginOf(names, index);
  if (begin > names.length) return names;
  const end = beginOf(names, index + 1);
  // The last one takes the colon before it along.
  return end > names.length ? names.slice(0, begin - 1) : names.slice(0, begin) + names.slice(end);
}

/** @returns why what is passed may not have been what was looked for; undefined if nothing is passed. */
export function hintForPassed(): string | undefined {
  const pid = variable(LISTEN_PID);
  if (pid === undefined || variable(LISTEN_FDS) === undefined) return undefined;
  if (!isForUs())
    return `LISTEN_PID is ${pid}, and this is process ${libc.getpid()}: nothing may fork between`;
  return "--adopt takes a passed socket of the same protocol, ip and port, for IPv4 and IPv6 only with --dual-stack";
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
