import { anyIPv4, hintForBind, type Address } from "./address.ts";
import { INT, int } from "./bytes.ts";
import { Fatal } from "./failure.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
  EADDRINUSE,
  EAFNOSUPPORT,
  F_GETFL,
  F_SETFL,
  IPPROTO_IPV6,
  IPPROTO_MPTCP,
  IPV6_V6ONLY,
  O_NONBLOCK,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  SO_REUSEADDR,
} from "./linux.ts";
import { hintForPassed } from "./listen-fds.ts";
import type { Netns } from "./netns.ts";
import type { Options } from "./options.ts";
import { isPassing } from "./retry.ts";
import { resolveScope } from "./scope.ts";
import { setSockopt } from "./set-sockopt.ts";

const ON = int(1);
const OFF = int(0);

type Step = "enter namespace" | "find interface" | "create" | "adopt" | "set" | "bind" | "listen";

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
  #netns: Netns | undefined;
  #adopted: number | undefined;

  /**
   * @param netns where to make it, unless here.
   * @param adopted a socket that is bound already, in the place of which no other is made.
   */
  begin(options: Options, netns: Netns | undefined, adopted: number | undefined): void {
    this.socket = -1;
    this.#options = options;
    this.#address = options.address;
    this.#type = (options.udp ? SOCK_DGRAM : SOCK_STREAM) | (options.blocking ? 0 : SOCK_NONBLOCK);
    this.#netns = netns;
    this.#adopted = adopted;
  }

  /** @returns whether it succeeded. */
  attempt(): boolean {
    const { sockopts, dualStack, backlog } = this.#options;
    const adopted = this.#adopted;
    const isNew = adopted === undefined;
    if (!(isNew ? this.#create() : this.#adopt(adopted))) return false;
    const { family, sockaddr, size } = this.#address;
    for (let i = 0; i < sockopts.length; i++) {
      const error = setSockopt(this.socket, sockopts[i]!, family === AF_INET6, dualStack);
      if (error === 0) continue;
      this.#option = i;
      return this.#fails("set", error);
    }
    if (isNew && libc.bind(this.socket, sockaddr, size) !== 0) return this.#fails("bind", errno());
    // Two that wait may both bind, with SO_REUSEADDR, and then only one of them listens.
    if (backlog !== 0 && libc.listen(this.socket, backlog | 0) !== 0) return this.#fails("listen", errno());
    return true;
  }

  abandon(): void {
    if (this.socket !== -1 && this.#adopted === undefined) libc.close(this.socket);
    this.socket = -1;
  }

  /** Whether time may mend what failed. */
  get isPassing(): boolean {
    return this.#failed === "enter namespace" ? this.#netns!.isMissing(this.error) : isPassing(this.error);
  }

  /** @param ip,port what a message calls the address. */
  failure(ip: string, port: string): Fatal {
    const { error } = this;
    const at = `${ip} port ${port}`;
    switch (this.#failed) {
      case "enter namespace":
        return this.#netns!.failure(error);
      case "find interface":
        return new Fatal(`unable to find interface ${this.#address.scope!.name}`, { errno: error });
      case "create":
        return new Fatal("unable to create socket", { errno: error });
      case "adopt":
        return new Fatal(`unable to adopt the socket at ${at}`, { errno: error });
      case "set":
        return new Fatal(`unable to set ${this.#options.sockopts[this.#option]?.name} on ${at}`, {
          errno: error,
        });
      case "bind":
        return new Fatal(`unable to bind to ${at} `, {
          errno: error,
          hint: this.#hint(ip),
        });
      case "listen":
        return new Fatal(`unable to listen to ${at} `, { errno: error });
    }
  }

  #hint(ip: string): string | undefined {
    const { adopt, udp } = this.#options;
    if (adopt && this.error === EADDRINUSE) return hintForPassed();
    return hintForBind(ip, this.#address, udp, this.error);
  }

  #create(): boolean {
    const { dualStack, mptcp, reuseAddress } = this.#options;
    const inaccessible = this.#netns === undefined ? 0 : this.#netns.enter();
    if (inaccessible !== 0) return this.#fails("enter namespace", inaccessible);
    const unknown = resolveScope(this.#address);
    if (unknown !== 0) return this.#fails("find interface", unknown);
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
    // Ignore failure, as the original does.
    if (reuseAddress) libc.setsockopt(this.socket, SOL_SOCKET, SO_REUSEADDR, ON, INT);
    return true;
  }

  /** Whoever passes a socket has its own opinion of whether it blocks. */
  #adopt(socket: number): boolean {
    this.socket = socket;
    const flags = libc.fcntl(socket, F_GETFL, 0);
    const wanted = this.#options.blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (flags === -1 || (wanted !== flags && libc.fcntl(socket, F_SETFL, wanted) === -1)) {
      return this.#fails("adopt", errno());
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
export const opening = new Opening();
