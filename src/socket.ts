import type { Pointer } from "bun:ffi";
import { takeOut } from "./adopt.ts";
import { readCString } from "./bytes.ts";
import { libc } from "./libc.ts";
import { STDIN } from "./linux.ts";
import { Netns } from "./netns.ts";
import { opening } from "./opening.ts";
import type { Options } from "./options.ts";
import { Retry } from "./retry.ts";

/**
 * Open a socket, bound and (unless the backlog is 0) listening. If it is to be
 * stdin, it is at once: whatever stdin was is closed first.
 * @param ip,port C strings: what a message calls its address.
 * @param adopted one that was passed, and is taken in the place of a new one.
 * @returns its descriptor.
 * @throws Fatal (exit 111) naming the system call that failed.
 */
export function openSocket(
  options: Options,
  ip: Pointer,
  port: Pointer,
  adopted: number | undefined,
): number {
  const { netns: path, fd, wait } = options;
  const netns = path === undefined || adopted !== undefined ? undefined : new Netns(path);
  if (fd === STDIN) libc.close(STDIN);
  opening.begin(options, netns, adopted === undefined ? undefined : takeOut(adopted));
  const retry = wait === 0 ? undefined : new Retry(wait);
  while (!opening.attempt()) {
    if (!retry?.once(opening.isPassing)) throw opening.failure(readCString(ip), readCString(port));
    // All is done anew, since an interface that comes back is another one to the kernel.
    opening.abandon();
  }
  netns?.leave();
  return opening.socket;
}
