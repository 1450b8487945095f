/** A wait status as shells say it: the exit status, or 128 and the number of the signal. */
export function statusOf(status: number): number {
  return (status & 0x7f) === 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f);
}
