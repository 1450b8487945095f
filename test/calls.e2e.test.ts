/** What we ask the kernel for between our first system call and execve(): exactly this, and nothing else. */

import { expect } from "bun:test";
import { join } from "node:path";
import { executable, ok, run, scratch, testWith } from "./support/harness.ts";

const directory = scratch();

/** The runtime's own bookkeeping, which may fall in between: it touches nothing but this process's memory. */
const memory = /^(madvise|futex|mmap|munmap|mprotect|brk)\(/;

async function calls(args: string[]): Promise<string[]> {
  const trace = join(directory, "trace");
  const result = await run(["strace", "-o", trace, executable, ...args], {
    env: { PATH: "/nonexistent:/bin" },
  });
  expect(result).toEqual(ok());
  const lines = (await Bun.file(trace).text()).split("\n").slice(1);
  const first = lines.findIndex((line) => line.startsWith("close(0)"));
  const last = lines.findIndex((line) => /^execve\(.* = 0$/.test(line));
  return lines
    .slice(first, last + 1)
    .filter((line) => !memory.test(line))
    .map((line) => line.replace(/0x[0-9a-f]+ \/\* \d+ vars? \*\//, "environ").replace(/\s+= /, " = "));
}

testWith(
  ["strace"],
  "the runtime opens neither what tells of its cgroups nor what tells of itself",
  async () => {
    const trace = join(directory, "opened");
    await run(["strace", "-o", trace, "-e", "trace=open,openat", executable, "127.0.0.1", "0", "/bin/true"]);
    const opened = await Bun.file(trace).text();
    expect(opened).toContain("libc.so.6");
    expect(opened).not.toMatch(/cgroup|\/proc\/self|mmap_min_addr/);
  },
);

testWith(["strace"], "an IPv4 TCP socket", async () => {
  expect(await calls(["127.0.0.1", "0", "/bin/true"])).toEqual([
    "close(0) = 0",
    "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_IP) = 0",
    "setsockopt(0, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
    'bind(0, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    "listen(0, 2147483647) = 0",
    'execve("/bin/true", ["/bin/true"], environ) = 0',
  ]);
});

testWith(["strace"], "a blocking IPv6 UDP socket without SO_REUSEADDR, prog in PATH", async () => {
  expect(await calls(["-DBmb0", "::1", "0", "true"])).toEqual([
    "close(0) = 0",
    "socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 0",
    "setsockopt(0, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0",
    'bind(0, {sa_family=AF_INET6, sin6_port=htons(0), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    'execve("/nonexistent/true", ["true"], environ) = -1 ENOENT (No such file or directory)',
    'execve("/bin/true", ["true"], environ) = 0',
  ]);
});
