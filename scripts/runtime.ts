/** How the runtime is to start when its start is frozen: the environment of that moment, and of no other. */

/**
 * Settings of JavaScriptCore (Source/JavaScriptCore/runtime/OptionsList.h), of mimalloc (its README.md,
 * "Environment Options") and of ld.so(8).
 */
const settings = {
  // No second thread: the collector marks alone, and nothing is compiled beside the program.
  BUN_JSC_useConcurrentGC: 0,
  BUN_JSC_useConcurrentJIT: 0,
  BUN_JSC_numberOfGCMarkers: 1,
  BUN_JSC_useWarmUpMarkedBlocks: 0,
  // Nothing counts how often it has run, to be compiled: where the count was full, a run would go a long way.
  BUN_JSC_thresholdForJITAfterWarmUp: 1_000_000_000,
  BUN_JSC_maximumExecutionCountsBetweenCheckpointsForBaseline: 1_000_000_000,
  // The interpreter alone: code that is generated in a run could not be written.
  BUN_JSC_useBaselineJIT: 0,
  BUN_JSC_useDFGJIT: 0,
  BUN_JSC_useRegExpJIT: 0,
  // A collection would go through pages that no run needs. Runs are short, and loops allocate nothing.
  BUN_JSC_useGC: 0,
  // The parser says that it was needed, which it may not be in a run.
  BUN_JSC_reportParseTimes: 1,
  // Reservations as small as they can be, in bytes and in KiB.
  BUN_JSC_jitMemoryReservationSize: 4_194_304,
  BUN_JSC_structureHeapSizeInKB: 65_536,
  MIMALLOC_ARENA_RESERVE: 65_536,
  // Nothing is given back.
  MIMALLOC_PURGE_DELAY: -1,
  // Every function is bound, none is looked up when it is called first.
  LD_BIND_NOW: 1,
};

/** For scripts/freeze/. */
export const runtime = {
  environment: Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  // What is said of a function that is parsed, since it has not been called before.
  cold: "Parsed #",
};
