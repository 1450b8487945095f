/** What lies where in the memory of the fixed machine, by name. Pure. Addresses in bytes. */

/** A range of memory with a name. */
export interface Area {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

/** The name of what lies at an address: the last area that covers it counts. */
export function nameOf(address: number, areas: readonly Area[]): string {
  return areas.findLast(({ start, end }) => start <= address && address < end)?.name ?? "memory";
}
