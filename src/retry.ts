import { libc } from "./libc.ts";
import { CLOCK_MONOTONIC, EADDRINUSE, EADDRNOTAVAIL, ENODEV } from "./linux.ts";

/** Milliseconds between two attempts. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 100;

/** struct timespec, two numbers of 64 bits, of which the lower halves hold all that there is. */
const timespec = new Int32Array(4);

/** Milliseconds of a clock that nobody sets. */
function now(): number {
  libc.clock_gettime(CLOCK_MONOTONIC, timespec);
  return timespec[0]! * 1000 + timespec[2]! / 1e6;
}

/**
 * What may fail until the interface, the address or the port is there: it is tried again for as long as it may.
 * Nothing in here allocates memory, since nothing frees it.
 */
export class Retry {
  #pause = FIRST_PAUSE;
  readonly #deadline: number;

  /** @param wait for how long to try again, in milliseconds. */
  constructor(wait: number) {
    this.#deadline = now() + wait;
  }

  /**
   * Pause before another attempt.
   * @param isPassing whether time may mend what failed.
   * @returns false if there is not to be one, or time is over.
   */
  once(isPassing: boolean): boolean {
    if (!isPassing) return false;
    const left = this.#deadline - now();
    if (left <= 0) return false;
    libc.usleep(Math.ceil(Math.min(this.#pause, LONGEST_PAUSE, left) * 1000));
    this.#pause *= 2;
    return true;
  }
}

/** Whether an error passes as a machine comes up, or as another program ends. */
export function isPassing(error: number): boolean {
  return error === EADDRINUSE || error === EADDRNOTAVAIL || error === ENODEV;
}
