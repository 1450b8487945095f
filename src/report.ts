import type { Pointer } from "bun:ffi";
import { sockaddrIn6, splitAddress, type Address } from "./address.ts";
import type { Extensions } from "./extensions.ts";
import { Failure } from "./failure.ts";
import { allocate, errno, handOver, int, libc, writeAll } from "./libc.ts";
import { Linux } from "./linux.ts";

/** The longest text of an address, with its NUL: netinet/in.h. */
const INET6_ADDRSTRLEN = 46;

/**
 * Tell where the socket is bound, as "IP PORT\n". From now on connections queue,
 * so that this is at the same time what s6 calls readiness notification.
 * @throws Failure (exit 111) if it cannot be told; a report file is then as it was.
 */
export function report(socket: number, address: Address, { reportFd, reportFile }: Extensions): void {
  if (reportFd === undefined && reportFile === undefined) return;
  const line = `${boundTo(socket, address)}\n`;
  // A reader that has gone, or a file that may not grow, is an error to report, not a signal to die of.
  const restore = [Linux.SIGPIPE, Linux.SIGXFSZ].map(ignore);
  const file = reportFile === undefined ? undefined : prepareFile(reportFile, line);
  if (reportFd !== undefined) {
    const error = writeAll(reportFd, line);
    if (error !== 0) {
      file?.discard();
      throw new Failure(`unable to report to descriptor ${reportFd}`, error);
    }
    libc().close(reportFd);
  }
  file?.replace();
  for (const signal of restore) signal();
}

function boundTo(socket: number, { scope }: Address): string {
  const sockaddr = allocate(sockaddrIn6.size);
  if (handOver().getsockname(socket, sockaddr, int(sockaddrIn6.size)) !== 0) {
    throw new Failure("unable to get the address of the socket", errno());
  }
  const { family, port, ip } = splitAddress(sockaddr);
  const text = handOver().inet_ntop(family, ip, allocate(INET6_ADDRSTRLEN), INET6_ADDRSTRLEN);
  // Without its scope, as it was given, a link-local address cannot be used.
  return `${text}${scope === undefined ? "" : `%${scope}`} ${port}`;
}

/** @returns what gives the signal its disposition back. */
function ignore(signal: number): () => void {
  const inherited = handOver().signal(signal, Linux.SIG_IGN as Pointer);
  return () => void handOver().signal(signal, inherited);
}

/**
 * Write `line` into a temporary file beside `path`, to replace it in one step:
 * a reader sees the old contents or the whole line.
 */
function prepareFile(path: string, line: string): { replace: () => void; discard: () => void } {
  // Loaded here, by who asks for it: it would double the time that all others take.
  const fs = process.getBuiltinModule("node:fs");
  const file = Buffer.from(path, "latin1");
  const name = `.report-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const temporary = Buffer.concat([file.subarray(0, file.lastIndexOf("/") + 1), Buffer.from(name)]);
  const discard = () => {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never there.
    }
  };
  const attempt = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      discard();
      const { errno } = error as { errno?: number };
      throw new Failure(`unable to write ${path}`, errno === undefined ? undefined : Math.abs(errno));
    }
  };
  const existing = attempt(() => fs.lstatSync(file, { throwIfNoEntry: false }));
  if (existing?.isFile() === false) throw new Failure(`unable to write ${path}: not a regular file`);
  attempt(() => fs.writeFileSync(temporary, line, { flag: "wx", flush: true }));
  return { replace: () => attempt(() => fs.renameSync(temporary, file)), discard };
}
