import type { Pointer } from "bun:ffi";
import { boundAddress } from "./address.ts";
import { writeAll } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { SIG_IGN, SIGPIPE, SIGXFSZ } from "./linux.ts";
import type { Options } from "./options.ts";
import { ReportFile } from "./report-file.ts";

/**
 * Tell where the socket is bound, as "IP PORT\n". From now on connections queue,
 * so that this is at the same time what s6 calls readiness notification.
 * @throws Fatal (exit 111) if it cannot be told; a report file is then as it was.
 */
export function report(socket: number, { address, reportFd, reportFile }: Options): void {
  if (reportFd === undefined && reportFile === undefined) return;
  const bound = boundAddress(socket, address);
  if (bound === undefined) throw new Fatal("unable to get the address of the socket", errno());
  const line = `${bound.ip} ${bound.port}\n`;
  // A reader that has gone, or a file that may not grow, is an error to report, not a signal to die of.
  const onPipe = libc.signal(SIGPIPE, SIG_IGN as Pointer);
  const onFileSize = libc.signal(SIGXFSZ, SIG_IGN as Pointer);
  const file = reportFile === undefined ? undefined : new ReportFile(reportFile, line);
  if (reportFd !== undefined) {
    const error = writeAll(reportFd, line);
    if (error !== 0) {
      file?.discard();
      throw new Fatal(`unable to report to descriptor ${reportFd}`, error);
    }
    libc.close(reportFd);
  }
  file?.replace();
  libc.signal(SIGPIPE, onPipe);
  libc.signal(SIGXFSZ, onFileSize);
}
