/** What bench/run.ts measures, and results.json holds. */

export interface Figure {
  name: string;
  /** Microseconds of wall time: median, and the tenths at both ends. */
  wall: { median: number; p10: number; p90: number };
  /** Microseconds of CPU time, page faults, KiB of peak memory: medians. */
  cpu: number;
  faults: number;
  peak: number;
  /** Its wall time over that of the C program, pair by pair: median. */
  ratio: number;
}

export interface Growth {
  what: string;
  points: { x: number; ours: number; c: number }[];
}

export interface Results {
  header: Record<string, string>;
  figures: Figure[];
  growth: Growth[];
}
