/**
 * Usage: bun scripts/start.ts [argument...]
 *
 * Builds the executable and runs it with these arguments; without any, it binds 127.0.0.1:8080 and executes the
 * HTTP server of examples/. Where the executable cannot be built for want of ptrace(2), the program runs from
 * source.
 */

import { join } from "node:path";
import { name } from "../package.json";
import { build } from "./build.ts";
import { TraceRefused } from "./freeze/launch.ts";

const root = join(import.meta.dir, "..");
const server = [Bun.which("node") ?? process.execPath, join(root, "examples/http.js")];
const args = process.argv.length > 2 ? process.argv.slice(2) : ["127.0.0.1", "8080", ...server];

let [program, argv] = [join(root, "dist", name), [name, ...args]];
try {
  await build();
} catch (error) {
  console.error(`start: ${error instanceof Error ? error.message : String(error)}`);
  if (!(error instanceof TraceRefused)) process.exit(1);
  console.error("start: running from source, which starts the runtime in each run");
  [program, argv] = [process.execPath, ["bun", join(root, "src/main.ts"), ...args]];
}
process.execve!(program, argv, process.env as Record<string, string>);
