import { anyIPv4, hintForBind, resolveScope, type Address } from "./address.ts";
import { INT, int, readCString } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
  EAFNOSUPPORT,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPV6_V6ONLY,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_REUSEADDR,
  STDIN,
} from "./linux.ts";
import type { GivenSockopt, Options } from "./options.ts";
import { Retry } from "./retry.ts";

/**
 * Open a socket, bound and (unless the backlog is 0) listening. If it is to be
 * stdin, it is at once: whatever stdin was is closed first.
 * @returns its descriptor.
 * @throws Fatal (exit 111) naming the system call that failed.
 */
export function openSocket(options: Options): number {
  if (options.fd === STDIN) libc.close(STDIN);
  opening.begin(options);
  const retry = options.wait === 0 ? undefined : new Retry(options.wait);
  while (!opening.attempt()) {
    if (!retry?.after(opening.error)) throw opening.failure();
    // All is done anew, since an interface that comes back is another one to the kernel.
    opening.abandon();
  }
  return opening.socket;
}

const ON = int(1);
const OFF = int(0);

type Step = "find interface" | "create" | "set" | "bind" | "listen";

/** A socket on its way to be bound. No attempt allocates memory, as there may be many: see Retry. */
class Opening {
  socket = -1;
  /** The errno of the step that failed. */
  error = 0;
  #failed: Step = "create";
  /** The index of the socket option that could not be set. */
  #option = 0;
  #address!: Address;
  #options!: Options;
  #type = 0;

  begin(options: Options): void {
    this.socket = -1;
    this.#options = options;
    this.#address = options.address;
    this.#type = (options.udp ? SOCK_DGRAM : SOCK_STREAM) | (options.blocking ? 0 : SOCK_NONBLOCK);
  }

  /** @returns whether it succeeded. */
  attempt(): boolean {
    const { sockopts, reuseAddress, backlog } = this.#options;
    this.error = resolveScope(this.#address);
    if (this.error !== 0) return this.#fails("find interface", this.error);
    if (!this.#create()) return false;
    // Ignore failure, as the original does.
    if (reuseAddress) libc.setsockopt(this.socket, SOL_SOCKET, SO_REUSEADDR, ON, INT);
    for (let i = 0; i < sockopts.length; i++) if (!this.#set(sockopts[i]!, i)) return false;
    const { sockaddr, size } = this.#address;
    if (libc.bind(this.socket, sockaddr, size) !== 0) return this.#fails("bind", errno());
    // Two that wait may both bind, with SO_REUSEADDR, and then only one of them listens.
    if (backlog !== 0 && libc.listen(this.socket, backlog | 0) !== 0) return this.#fails("listen", errno());
    return true;
  }

  abandon(): void {
    if (this.socket !== -1) libc.close(this.socket);
    this.socket = -1;
  }

  failure(): Fatal {
    const { error } = this;
    const { ip, port, scope } = this.#address;
    const at = `${readCString(ip)} port ${readCString(port)}`;
    switch (this.#failed) {
      case "find interface":
        return new Fatal(`unable to find interface ${scope?.text}`, { errno: error });
      case "create":
        return new Fatal("unable to create socket", { errno: error });
      case "set":
        return new Fatal(`unable to set ${this.#options.sockopts[this.#option]?.name} on ${at}`, {
          errno: error,
        });
      case "bind":
        return new Fatal(`unable to bind to ${at} `, {
          errno: error,
          hint: hintForBind(this.#address, this.#options.udp, error),
        });
      case "listen":
        return new Fatal(`unable to listen to ${at} `, { errno: error });
    }
  }

  #create(): boolean {
    const { dualStack, mptcp } = this.#options;
    const protocol = mptcp ? IPPROTO_MPTCP : 0;
    this.socket = libc.socket(this.#address.family, this.#type, protocol);
    if (this.socket === -1) {
      const error = errno();
      const withoutIPv6 = dualStack && error === EAFNOSUPPORT ? anyIPv4(this.#address) : undefined;
      if (!withoutIPv6) return this.#fails("create", error);
      this.#address = withoutIPv6;
      this.socket = libc.socket(this.#address.family, this.#type, protocol);
      if (this.socket === -1) return this.#fails("create", errno());
    }
    const only = dualStack ? OFF : ON;
    if (
      this.#address.family === AF_INET6 &&
      libc.setsockopt(this.socket, IPPROTO_IPV6, IPV6_V6ONLY, only, INT) !== 0
    ) {
      return this.#fails("create", errno());
    }
    return true;
  }

  /** Set a socket option: on both sides of a socket that takes IPv4 and IPv6. */
  #set({ sockopt, value }: GivenSockopt, index: number): boolean {
    const isInet6 = this.#address.family === AF_INET6;
    for (let side = 0; side < 2; side++) {
      const option =
        side === 0 ? isInet6 && sockopt.inet6 : (!isInet6 || this.#options.dualStack) && sockopt.inet;
      if (option && libc.setsockopt(this.socket, option[0], option[1], value, value.byteLength) !== 0) {
        this.#option = index;
        return this.#fails("set", errno());
      }
    }
    return true;
  }

  #fails(step: Step, error: number): false {
    this.#failed = step;
    this.error = error;
    return false;
  }
}

/** Made once, since each page that a run takes costs time. */
const opening = new Opening();
