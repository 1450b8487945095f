import type { Pointer } from "bun:ffi";
import type { Address } from "./address.ts";
import { writeAll } from "./bytes.ts";
import type { Descriptors } from "./descriptors.ts";
import { lookUp } from "./exec.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { SIG_IGN, SIGPIPE, SIGXFSZ, STDERR } from "./linux.ts";
import { notifyReady } from "./notify.ts";
import type { Options } from "./options.ts";
import { ReportFile } from "./report-file.ts";
import { boundLine } from "./socket-name.ts";

/**
 * Tell where the socket is bound, as "IP PORT\n", and tell a service manager that it is. From now on connections
 * queue, so this is what s6 calls readiness notification as well.
 * @returns the file, which is to be taken back where prog cannot be executed.
 * @throws Fatal (126, 127) if prog cannot be executed, as far as that can be known; (111) if
 *   the address cannot be told. A report file is then as it was.
 */
export function report(
  socket: number,
  address: Address,
  { reportFd, reportFile, notify }: Options,
  prog: Pointer,
  descriptors: Descriptors,
): ReportFile | undefined {
  lookUp(prog);
  let file: ReportFile | undefined;
  let failure: Fatal | undefined;
  if (reportFd !== undefined || reportFile !== undefined) {
    const line = boundLine(socket, address);
    if (line === undefined) throw new Fatal("unable to get the address of the socket", { errno: errno() });
    // A reader that has gone, or a file that may not grow, is an error to report, not a signal to die of.
    const onPipe = libc.signal(SIGPIPE, SIG_IGN as Pointer);
    const onFileSize = libc.signal(SIGXFSZ, SIG_IGN as Pointer);
    if (reportFile !== undefined) file = new ReportFile(reportFile, line, descriptors);
    const error = reportFd === undefined ? 0 : writeAll(reportFd, line);
    if (error !== 0) failure = new Fatal(`unable to report to descriptor ${reportFd}`, { errno: error });
    // The standard ones stay: what prog opens would get their numbers, and then what it prints.
    if (reportFd !== undefined && reportFd > STDERR) libc.close(reportFd);
    libc.signal(SIGPIPE, onPipe);
    libc.signal(SIGXFSZ, onFileSize);
  }
  if (notify) failure ??= notifyReady();
  if (failure === undefined) return file;
  file?.takeBack();
  throw failure;
}
