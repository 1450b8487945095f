/** What we ask the kernel for between our first instruction and prog's: exactly this, and nothing else. */

import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readmeWithCalls, systemCalls } from "../scripts/docs/strace.ts";
import { root, testWith } from "./support/harness.ts";

/** What the entry code does in any case: the handlers of faults, and where the thread's memory is. */
const entry =
  /^(rt_sigaction\(SIG(SEGV|BUS|ILL|TRAP), |rt_sigprocmask\(SIG_BLOCK, NULL, |arch_prctl\(ARCH_SET_FS, )/;

/** A page that plain runs do not need, put in its place: the fault, what the handler does, its return. */
const page = /^(--- SIGSEGV \{.*SEGV_MAPERR|mremap\(|mmap\(|mprotect\(|rt_sigreturn\()/;

testWith(["strace"], "an IPv4 TCP socket: at most 14 calls", () => {
  const calls = systemCalls(["127.0.0.1", "0", "/bin/true"]);
  expect(calls.length).toBeLessThanOrEqual(14);
  expect(calls.filter((call) => !entry.test(call))).toEqual([
    "close(0) = 0",
    "socket(AF_INET, SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_IP) = 0",
    "setsockopt(0, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0",
    'bind(0, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("127.0.0.1")}, 16) = 0',
    "listen(0, 2147483647) = 0",
    'execve("/bin/true", ["/bin/true"], …) = 0',
  ]);
});

testWith(["strace"], "a blocking IPv6 UDP socket without SO_REUSEADDR, prog in PATH", () => {
  const calls = systemCalls(["-DBmb0", "::1", "0", "true"], { PATH: "/nonexistent:/bin" });
  expect(calls.filter((call) => !entry.test(call) && !page.test(call))).toEqual([
    "close(0) = 0",
    "socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 0",
    "setsockopt(0, SOL_IPV6, IPV6_V6ONLY, [1], 4) = 0",
    'bind(0, {sa_family=AF_INET6, sin6_port=htons(0), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    'execve("/nonexistent/true", ["true"], …) = -1 ENOENT (No such file or directory)',
    'execve("/bin/true", ["true"], …) = 0',
  ]);
});

// On arm64 the entry code makes other calls.
if (process.arch === "x64")
  testWith(["strace"], "the README shows the whole of a run (else: bun scripts/docs/strace.ts)", () => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toBe(readmeWithCalls());
  });
