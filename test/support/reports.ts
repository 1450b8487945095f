/** What --report-file writes, and what is in a directory of such files. */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** The line for 127.0.0.1. */
export const line = /^127\.0\.0\.1 [1-9]\d*\n$/;

/** What is in a directory, and in its files. */
export function contents(directory: string) {
  return readdirSync(directory, { withFileTypes: true }).map((entry) => {
    const path = join(directory, entry.name);
    return [
      entry.name,
      entry.isFile() ? readFileSync(path, "utf8") : entry.isSymbolicLink() && readlinkSync(path),
    ];
  });
}
