import type { Pointer } from "bun:ffi";
import { anyIPv4, type Address } from "./address.ts";
import { takeOut } from "./adopt.ts";
import { addressOf, INT, int, readCString } from "./bytes.ts";
import { errno, libc } from "./libc.ts";
import {
  AF_INET6,
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
  STDIN,
} from "./linux.ts";
import { Netns } from "./netns.ts";
import type { Options } from "./options.ts";
import { isPassing, Retry } from "./retry.ts";
import { resolveScope } from "./scope.ts";
import { setSockopt } from "./set-sockopt.ts";
import { stepFailure, type FailedStep, type Step } from "./step.ts";

const ON = addressOf(int(1));
const OFF = addressOf(int(0));

/** A socket on its way to be bound. */
class Opening {
  #socket = -1;
  /** The errno of the step that failed. */
  #error = 0;
  #failed: Step = "create";
  /** The index of the socket option that could not be set. */
  #option = 0;
  #address!: Address;
  #options!: Options;
  #type = 0;
  #protocol = 0;
  #netns: Netns | undefined;
  #adopted: number | undefined;

  /**
   * Open a socket, bound and (unless the backlog is 0) listening. If it is to be
   * stdin, it is at once: whatever stdin was is closed first.
   * @param adopted one that was passed, and is taken in the place of a new one.
   * @param ip,port C strings: what a message calls its address.
   * @returns its descriptor.
   * @throws Fatal (exit 111) naming the system call that failed.
   */
  open(options: Options, address: Address, adopted: number | undefined, ip: Pointer, port: Pointer): number {
    const { udp, mptcp, blocking, netns, fd, wait } = options;
    this.#socket = -1;
    this.#options = options;
    this.#address = address;
    this.#type = (udp ? SOCK_DGRAM : SOCK_STREAM) | (blocking ? 0 : SOCK_NONBLOCK);
    this.#protocol = mptcp ? IPPROTO_MPTCP : 0;
    this.#netns = netns === undefined || adopted !== undefined ? undefined : new Netns(netns);
    if (fd === STDIN) libc.close(STDIN);
    this.#adopted = adopted === undefined ? undefined : takeOut(adopted);
    const retry = wait === 0 ? undefined : new Retry(wait);
    while (!this.#attempt()) {
      if (!retry?.once(this.#isPassing))
        throw stepFailure(this.#failedStep, readCString(ip), readCString(port));
      // All is done anew, since an interface that comes back is another one to the kernel.
      if (adopted === undefined && this.#socket !== -1) libc.close(this.#socket);
      this.#socket = -1;
    }
    this.#netns?.leave();
    return this.#socket;
  }

  /** @returns whether it succeeded. Allocates no memory, as there may be many attempts: see Retry. */
  #attempt(): boolean {
    const { sockopts, dualStack, reuseAddress, backlog } = this.#options;
    const adopted = this.#adopted;
    if (adopted === undefined) {
      const isElsewhere = this.#netns !== undefined || this.#address.scope !== undefined;
      if (isElsewhere && !this.#find()) return false;
      this.#socket = libc.socket(this.#address.family, this.#type, this.#protocol);
      if (this.#socket === -1 && !this.#createForIPv4()) return false;
      if (this.#address.family === AF_INET6) {
        const only = dualStack ? OFF : ON;
        const isSet = libc.setsockopt(this.#socket, IPPROTO_IPV6, IPV6_V6ONLY, only, INT) === 0;
        if (!isSet) return this.#fails("create", errno());
      }
      // Ignore failure, as the original does.
      if (reuseAddress) libc.setsockopt(this.#socket, SOL_SOCKET, SO_REUSEADDR, ON, INT);
    } else if (!this.#adopt(adopted)) {
      return false;
    }
    const { family, at, size } = this.#address;
    for (let i = 0; i < sockopts.length; i++) {
      const row = sockopts[i]!;
      if (row.value === undefined) continue;
      const error = setSockopt(this.#socket, row, family === AF_INET6, dualStack);
      if (error === 0) continue;
      this.#option = i;
      return this.#fails("set", error);
    }
    const isBound = adopted !== undefined || libc.bind(this.#socket, at, size) === 0;
    if (!isBound) return this.#fails("bind", errno());
    // Two that wait may both bind, with SO_REUSEADDR, and then only one of them listens.
    if (backlog !== 0 && libc.listen(this.#socket, backlog | 0) !== 0) return this.#fails("listen", errno());
    return true;
  }

  /** Enter the namespace, and find the interface. */
  #find(): boolean {
    const inaccessible = this.#netns === undefined ? 0 : this.#netns.enter();
    if (inaccessible !== 0) return this.#fails("enter namespace", inaccessible);
    const { scope, sockaddr } = this.#address;
    const unknown = scope === undefined ? 0 : resolveScope(scope, sockaddr);
    return unknown === 0 || this.#fails("find interface", unknown);
  }

  /** Where there is no IPv6, `::` with --dual-stack is 0.0.0.0. */
  #createForIPv4(): boolean {
    const error = errno();
    const isMissing = this.#options.dualStack && error === EAFNOSUPPORT;
    const address = isMissing ? anyIPv4(this.#address) : undefined;
    if (address === undefined) return this.#fails("create", error);
    this.#address = address;
    this.#socket = libc.socket(address.family, this.#type, this.#protocol);
    return this.#socket !== -1 || this.#fails("create", errno());
  }

  /** What a message says of the step that failed. */
  get #failedStep(): FailedStep {
    return {
      step: this.#failed,
      error: this.#error,
      options: this.#options,
      address: this.#address,
      netns: this.#netns,
      option: this.#options.sockopts[this.#option]?.name,
    };
  }

  /** Whether time may mend what failed. */
  get #isPassing(): boolean {
    return this.#failed === "enter namespace" ? this.#netns!.isMissing(this.#error) : isPassing(this.#error);
  }

  /** Whoever passes a socket has its own opinion of whether it blocks. */
  #adopt(socket: number): boolean {
    this.#socket = socket;
    const flags = libc.fcntl(socket, F_GETFL, 0);
    const wanted = this.#options.blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
    if (flags === -1 || (wanted !== flags && libc.fcntl(socket, F_SETFL, wanted) === -1)) {
      return this.#fails("adopt", errno());
    }
    return true;
  }

  #fails(step: Step, error: number): false {
    this.#failed = step;
    this.#error = error;
    return false;
  }
}

/** Made once, since each page that a run takes costs time. */
export const opening = new Opening();
