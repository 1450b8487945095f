import { cString, readCString } from "./bytes.ts";
import { getenv } from "./entry.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_UNIX,
  EINTR,
  ENAMETOOLONG,
  MSG_NOSIGNAL,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  UNIX_PATH_MAX,
} from "./linux.ts";

const NOTIFY_SOCKET = cString("NOTIFY_SOCKET");
const READY = Buffer.from("READY=1", "latin1");

/** Where the path is in a struct sockaddr_un: unix(7). */
const PATH = 2;

/**
 * Tell the service manager that the service is ready, as sd_notify(3) does: it knows us by our pid, which is to be
 * that of prog. If there is none, nothing is done.
 * @returns why it cannot be told, if it cannot.
 */
export function notifyReady(): Fatal | undefined {
  const address = getenv(NOTIFY_SOCKET);
  const path = address === null ? "" : readCString(address);
  if (path === "") return undefined;
  const isAbstract = path.startsWith("@");
  if (!isAbstract && !path.startsWith("/")) {
    return new Fatal(`NOTIFY_SOCKET is ${path}, and must be an absolute path, or @ and an abstract name`);
  }
  const error = path.length < UNIX_PATH_MAX ? send(sockaddrOf(path, isAbstract)) : ENAMETOOLONG;
  return error === 0 ? undefined : new Fatal(`unable to notify ${path}`, { errno: error });
}

/** A path ends with a NUL, an abstract name begins with one, in the place of the @. */
function sockaddrOf(path: string, isAbstract: boolean): Uint8Array {
  const sockaddr = Buffer.alloc(PATH + path.length + (isAbstract ? 0 : 1));
  sockaddr[0] = AF_UNIX;
  sockaddr.write(path, PATH, "latin1");
  if (isAbstract) sockaddr[PATH] = 0;
  return sockaddr;
}

/** @returns 0, or the errno. */
function send(sockaddr: Uint8Array): number {
  const socket = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket === -1) return errno();
  let error: number;
  do {
    const sent = libc.sendto(socket, READY, READY.length, MSG_NOSIGNAL, sockaddr, sockaddr.length);
    error = sent === -1 ? errno() : 0;
  } while (error === EINTR);
  libc.close(socket);
  return error;
}
