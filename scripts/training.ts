/**
 * The command lines that the program rehearses while it is built: all that a run may do has been done once.
 * This and scripts/training/ are the only files that know both the program and the freezing.
 */

import type { Rehearsal } from "./freeze/session.ts";
import { adopting } from "./training/adopting.ts";
import { failingCalls } from "./training/calls.ts";
import { commandLines } from "./training/command-lines.ts";
import { descriptors } from "./training/descriptors.ts";
import { heavy } from "./training/heavy.ts";
import { ends, usual } from "./training/lines.ts";
import { namespaces } from "./training/namespaces.ts";
import { notifying } from "./training/notifying.ts";
import { operands } from "./training/operands.ts";
import { reports } from "./training/reports.ts";
import { values } from "./training/values.ts";

/** What stands in the program where the build ID goes: as long as that is in hexadecimal. */
export const BUILD_ID_TEXT = "the build ID goes here when it is frozen";

/** The system call that src/entry.ts makes, and no kernel has. */
export const POINT_OF_RETURN = 100_000;

export const rehearsals: readonly Rehearsal[] = [
  ...commandLines,
  ...operands,
  ...values,
  ...descriptors,
  ...adopting,
  ...namespaces,
  ...notifying,
  ...reports,
  ...failingCalls,
  ...heavy,
  ...ends,
  // What most runs are, last: so they are warmest.
  ...usual,
];
