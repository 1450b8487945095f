/** What a process is given: descriptors, arguments, variables, a current directory. */

import { constants } from "node:os";
import { table, words, type Situations } from "./state.ts";

const { signals } = constants;

// Linux: asm-generic/fcntl.h
const O_NONBLOCK = 0o4000;

const manyDescriptors = Array.from({ length: 1000 }, (_, i) => i + 3);
const closings = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];

/** With --data, data goes through each of them. */
export function descriptorSituations(directory: string): Situations {
  const kinds: Situations = {
    "fd 3 alone": { arrange: words("null 3") },
    "fds 3 to 10 with holes": { arrange: words("null 3 null 5 memfd 6 null 9 null 10") },
    "1,000 descriptors": {
      shell: "ulimit -n 4096",
      arrange: manyDescriptors.flatMap((fd) => ["null", `${fd}`]),
    },
    "both ends of a pipe": { arrange: words("pipe 3 4") },
    "the read end of a pipe, the other closed": { arrange: words("pipe 3 4 close 4") },
    "the write end of a pipe, the other closed": { arrange: words("pipe 3 4 close 3") },
    "a non-blocking pipe": { arrange: words(`pipe 3 7 flags 3 ${O_NONBLOCK}`) },
    "connected sockets": { arrange: words("socketpair 3 8") },
    "a directory": { arrange: ["directory", directory, "3"] },
    "a file opened for appending": { arrange: ["file", `${directory}/file`, "5"] },
    "a deleted file": { arrange: ["deleted", `${directory}/deleted`, "3"] },
    "an eventfd": { arrange: words("eventfd 4") },
    "an epoll of an eventfd": { arrange: words("eventfd 3 epoll 3 4") },
    "a timerfd that has expired": { arrange: words("timerfd 3") },
    "a signalfd with a signal": { arrange: words(`signalfd ${signals.SIGUSR1} 3 pend ${signals.SIGUSR1}`) },
    "a memfd": { arrange: words("memfd 3") },
    "one of each": {
      arrange: words(
        `pipe 3 4 socketpair 5 7 eventfd 8 epoll 8 9 timerfd 12 memfd 13 null 20 signalfd ${signals.SIGUSR1} 21 pend ${signals.SIGUSR1}`,
      ),
    },
  };
  return Object.fromEntries(Object.entries(kinds).map(([name, s]) => [name, { ...s, args: ["--data"] }]));
}

export const stdioSituations: Situations = {
  ...table(closings, (fds) => [
    `closed: ${fds.map((fd) => `fd ${fd}`).join(", ")}`,
    { shell: `exec ${fds.map((fd) => `${fd}>&-`).join(" ")}` },
  ]),
  ...table(closings, (fds) => [
    `closed: ${fds.map((fd) => `fd ${fd}`).join(", ")}; others open`,
    { shell: `exec ${fds.map((fd) => `${fd}>&-`).join(" ")}`, arrange: words("pipe 4 6 null 9") },
  ]),
  "stdout a pipe that nobody reads": { arrange: words("pipe 5 1 close 5") },
  "stdout a full disk": { shell: "exec >/dev/full" },
  "a terminal": { terminal: true },
  "a terminal with other settings": { terminal: true, shell: "stty raw -echo intr X" },
};

export const stringSituations: Situations = {
  "arguments that are not UTF-8": {
    shell: `set -- "$@" "$(printf '\\377\\376')" "$(printf 'a\\200b')" "$(printf '\\355\\240\\200')" "$(printf 'a\\n\\tb\\033')"`,
  },
  "empty arguments": { args: ["", "", "x", ""] },
  "arguments like options": { args: ["--help", "-d", "--", "--version", "-"] },
  "1.9 MB of arguments": { arrange: words("no-variables arguments 19 100000") },
  "100,000 arguments": { arrange: words("no-variables arguments 100000 10") },
  "variables that are not UTF-8": {
    shell: `export LATIN="$(printf '\\344\\366')" HIGH="$(printf '\\377\\376')"`,
  },
  "1.9 MB of environment": { arrange: words("no-variables variables 19 100000") },
  "10,000 variables": { arrange: words("variables 10000 20") },
  "an empty environment": { arrange: words("no-variables") },
  "duplicate variables": { arrange: words("variable A=1 variable B=2 variable A=3 variable PATH=/x") },
  "malformed variables": {
    arrange: ["variable", "NOEQUALS", "variable", "=x", "variable", "", "variable", "="],
  },
  "no HOME, PATH, TMPDIR or locale": { shell: "unset HOME PATH TMPDIR LANG LC_ALL LC_CTYPE" },
};

/** In and around `directory`, which is to be empty. */
export function directorySituations(directory: string): Situations {
  const inside = { cwd: directory };
  return {
    "another directory": inside,
    "a deleted current directory": { ...inside, shell: "mkdir gone; cd gone; rmdir ../gone" },
    "an unreadable current directory": {
      ...inside,
      shell: 'mkdir -p shut; cd shut; chmod 0 .; set -- setpriv --bounding-set=-all --inh-caps=-all "$@"',
      tools: ["setpriv"],
    },
    "a current directory with 100,000 files": {
      ...inside,
      shell: "mkdir -p many; cd many; [ -e 1 ] || seq 100000 | xargs touch",
    },
    "a read-only file system": {
      ...inside,
      shell: `set -- unshare -m sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"' "$(dirname "$report")" "$@"`,
      tools: ["root", "unshare"],
    },
  };
}
