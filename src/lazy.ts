/**
 * Modules that only some command lines need. The build makes each a module of
 * its own in the executable, and it is decoded when it is called for: a plain
 * start does without 60 page faults.
 */

/** The reading of options: for command lines that have one. */
export const reader = () => require("./arguments.ts") as typeof import("./arguments.ts");

/** What the original does not have. */
export const extensions = () => require("./extensions.ts") as typeof import("./extensions.ts");
