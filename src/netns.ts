import { cString } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import { CLONE_NEWNET, EINVAL, ENOENT, F_DUPFD_CLOEXEC, O_CLOEXEC, O_RDONLY, STDERR } from "./linux.ts";

const OURS = cString("/proc/self/ns/net");

/**
 * Another network namespace, to be entered and to be left: setns(2), network_namespaces(7). A socket is of the one
 * that it was made in, wherever its process goes.
 */
export class Netns {
  readonly #path: string;
  readonly #file: Uint8Array;
  /** A descriptor of the namespace that is ours; none of the standard ones, which the socket may be to become. */
  readonly #ours: number;

  /** @throws Fatal (exit 111) if we could not come back. */
  constructor(path: string) {
    this.#path = path;
    this.#file = cString(path);
    const opened = libc.open(OURS, O_RDONLY | O_CLOEXEC, 0);
    this.#ours = opened === -1 || opened > STDERR ? opened : libc.fcntl(opened, F_DUPFD_CLOEXEC, STDERR + 1);
    if (this.#ours === -1) {
      throw new Fatal("unable to open our network namespace, /proc/self/ns/net", { errno: errno() });
    }
    if (opened !== this.#ours) libc.close(opened);
  }

  /** Allocates nothing: see Retry. @returns 0, or the errno. */
  enter(): number {
    const namespace = libc.open(this.#file, O_RDONLY | O_CLOEXEC, 0);
    if (namespace === -1) return errno();
    const error = libc.setns(namespace, CLONE_NEWNET) === 0 ? 0 : errno();
    libc.close(namespace);
    return error;
  }

  /** Come back. @throws Fatal (exit 111) if we cannot. */
  leave(): void {
    if (libc.setns(this.#ours, CLONE_NEWNET) !== 0) {
      throw new Fatal("unable to come back to our network namespace", { errno: errno() });
    }
    libc.close(this.#ours);
  }

  /** Whether it may come: ip-netns(8) makes an empty file first. */
  isMissing(error: number): boolean {
    return error === ENOENT || error === EINVAL;
  }

  /** What to say where it cannot be entered. */
  failure(error: number): Fatal {
    const path = this.#path;
    const isName = error === ENOENT && !path.includes("/");
    const hint = isName
      ? `--netns takes a path, such as /run/netns/${path}`
      : error === EINVAL
        ? `${path} is no network namespace, as /run/netns/NAME and /proc/PID/ns/net are`
        : undefined;
    return new Fatal(`unable to enter network namespace ${path}`, { errno: error, hint });
  }
}
