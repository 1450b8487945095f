/** As many arguments as the kernel takes, and as long ones: execve(2), "Limits on size of arguments". */

import { good, GOOD, IPV4, line, PROG, refused, USAGE } from "./lines.ts";

const longest = "v".repeat(131_000);
/**
 * Sizes in bytes, one of each class that an allocator of memory may know: up to 1 KiB by 32 bytes, and eight in each
 * doubling up to what the kernel takes in one string.
 */
const small = Array.from({ length: 32 }, (_, i) => 32 * (i + 1) - 1);
const large = Array.from({ length: 7 * 8 }, (_, i) => Math.floor(1024 * 2 ** ((i + 1) / 8)) - 1);
/** Bytes that are no ASCII, more of them than the engine keeps room for. */
const odd = "\xff".repeat(5000);
const many = (count: number, ...words: string[]) => Array<string[]>(count).fill(words).flat();

export const heavy = [
  good(many(50_000, "-d")),
  good(many(100_000, "--no-delay")),
  good(many(20_000, "-b5", "-dDM", "--ttl=5", "--tos", "8")),
  refused([...many(100_000, "-d"), "--zzz"]),
  refused([`-${longest}`]),
  refused([`--${longest}`]),
  refused([`--ttl=${longest}`]),
  refused(["--listen-fds", `--fd-name=${longest}`]),
  refused([`--${odd}`]),
  refused([`--receive-buffer=${odd}`]),
  refused(["--fast-open=5", "-b", odd]),
  refused(["--keep-alive-probes=1", "--no-delay", `--congestion=${odd}`]),
  line(USAGE, ["--congestion=reno", odd, "0", ...PROG]),
  line(USAGE, ["127.0.0.1", odd, ...PROG]),
  line(GOOD, [...IPV4, odd]),
  line(USAGE, [longest, "0", ...PROG]),
  line(USAGE, ["127.0.0.1", "1".repeat(131_000), ...PROG]),
  line(GOOD, [...IPV4, longest]),
  line(GOOD, [...IPV4, `/${longest}`]),
  line(GOOD, [...IPV4, ...PROG, ...many(18, "v".repeat(100_000))]),
  line(GOOD, [...IPV4, ...PROG, ...many(100_000, "x")]),
  ...[...small, ...large].map((size) => line(USAGE, ["\xff".repeat(size), "0", ...PROG])),
  ...small
    .filter((size) => size < 256)
    .map((size) => good(["--listen-fds", `--fd-name=${"n".repeat(size)}`])),
  ...large.map((size) => good("--listen-fds", { environment: many(size >> 3, "V=x") })),
  ...large.map((size) => line(GOOD, [...IPV4, "prog"], { environment: [`PATH=/${"n".repeat(size - 6)}`] })),
  good("", { environment: many(50_000, "V=x") }),
  good("--listen-fds", { environment: many(50_000, "V=x") }),
].map((row) => ({ ...row, long: true }));
