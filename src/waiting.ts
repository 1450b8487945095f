import { timing } from "./libc.ts";
import { Linux } from "./linux.ts";

/** Milliseconds between two attempts. */
const PAUSE = { first: 5, longest: 100 };

/**
 * Attempt to bind and listen until it succeeds, fails for another reason than the
 * address being in use or not there, or `wait` milliseconds are over.
 * @param attempt returns 0 or errno.
 * @returns what the last attempt returned.
 */
export function persist(attempt: () => number, wait: number): number {
  const deadline = performance.now() + wait;
  for (let pause = PAUSE.first; ; pause *= 2) {
    const error = attempt();
    const left = deadline - performance.now();
    if (left <= 0 || (error !== Linux.EADDRINUSE && error !== Linux.EADDRNOTAVAIL)) return error;
    timing().usleep(Math.ceil(Math.min(pause, PAUSE.longest, left) * 1000));
  }
}
