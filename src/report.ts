import type { Pointer } from "bun:ffi";
import { Failure } from "./failure.ts";
import { errno, handOver, libc, writeAll } from "./libc.ts";
import { Linux } from "./linux.ts";
import type { Address } from "./address.ts";
import type { Extensions } from "./extensions.ts";

// struct sockaddr_in6, the larger one: linux/in6.h. The address of sockaddr_in is at 4.
const SOCKADDR_SIZE = 28;
const INET6_ADDRSTRLEN = 46;

/**
 * Tell where the socket is bound, as "IP PORT\n". From now on connections queue,
 * so that this is at the same time what s6 calls readiness notification.
 * @throws Failure (exit 111) if it cannot be told; a report file is then as it was.
 */
export function report(socket: number, { ip }: Address, { reportFd, reportFile }: Extensions): void {
  if (reportFd === undefined && reportFile === undefined) return;
  const line = `${boundTo(socket, ip)}\n`;
  if (reportFile !== undefined) writeFile(reportFile, line);
  if (reportFd !== undefined) writeDescriptor(reportFd, line);
}

function boundTo(socket: number, given: string): string {
  const sockaddr = new Uint8Array(SOCKADDR_SIZE);
  const length = new Uint32Array([SOCKADDR_SIZE]);
  if (handOver().getsockname(socket, sockaddr, length) !== 0) {
    throw new Failure("unable to get the address of the socket", errno());
  }
  const view = new DataView(sockaddr.buffer);
  const family = view.getUint16(0, true);
  const bytes = sockaddr.subarray(family === Linux.AF_INET6 ? 8 : 4);
  const ip = handOver().inet_ntop(family, bytes, new Uint8Array(INET6_ADDRSTRLEN), INET6_ADDRSTRLEN);
  // The name of the interface as it was given: without it the address cannot be used.
  const scope = given.includes("%") ? given.slice(given.indexOf("%")) : "";
  return `${ip}${scope} ${view.getUint16(2)}`;
}

function writeDescriptor(descriptor: number, line: string): void {
  // A reader that has gone is an error to report, not a signal to die of.
  const inherited = handOver().signal(Linux.SIGPIPE, Linux.SIG_IGN as Pointer);
  const error = writeAll(descriptor, line);
  handOver().signal(Linux.SIGPIPE, inherited);
  if (error !== 0) throw new Failure(`unable to report to descriptor ${descriptor}`, error);
  libc().close(descriptor);
}

/** Replace the file in one step: a reader sees the old contents or the whole line. */
function writeFile(path: string, line: string): void {
  // Loaded here, by who asks for it: it would double the time that all others take.
  const fs = process.getBuiltinModule("node:fs");
  const file = Buffer.from(path, "latin1");
  const temporary = Buffer.concat([
    file.subarray(0, file.lastIndexOf("/") + 1),
    Buffer.from(`.report-${process.pid}-${Math.random().toString(36).slice(2)}`),
  ]);
  try {
    if (fs.lstatSync(file, { throwIfNoEntry: false })?.isFile() === false)
      throw new Failure(`unable to write ${path}: not a regular file`);
    fs.writeFileSync(temporary, line, { flag: "wx", flush: true });
    fs.renameSync(temporary, file);
  } catch (error) {
    try {
      fs.unlinkSync(temporary);
    } catch {
      // It was never there.
    }
    if (error instanceof Failure) throw error;
    const { errno } = error as { errno?: number };
    throw new Failure(`unable to write ${path}`, errno === undefined ? undefined : Math.abs(errno));
  }
}
