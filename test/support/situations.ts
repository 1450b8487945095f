/** The states in which a program is started, by theme and name. */

import {
  descriptorSituations,
  directorySituations,
  stdioSituations,
  stringSituations,
} from "./situations-inherited.ts";
import { limitSituations, processSituations, signalSituations } from "./situations-process.ts";
import type { Situations } from "./state.ts";

/** @param directory where files are made: empty, and for nothing else. */
export function everySituation(directory: string): [string, Situations][] {
  return [
    ["signals", signalSituations],
    ["limits", limitSituations],
    ["descriptors", descriptorSituations(directory)],
    ["standard descriptors", stdioSituations],
    ["arguments and variables", stringSituations],
    ["the process", processSituations],
    ["directories", directorySituations(directory)],
  ];
}
