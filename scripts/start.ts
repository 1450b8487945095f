/**
 * Usage: bun scripts/start.ts [argument...]
 *
 * Runs the executable with these arguments; without any, it binds
 * 127.0.0.1:8080 and executes the HTTP server of examples/.
 */

import { join } from "node:path";
import { name } from "../package.json";

const root = join(import.meta.dir, "..");
const server = [Bun.which("node") ?? process.execPath, join(root, "examples/http.js")];
const args = process.argv.length > 2 ? process.argv.slice(2) : ["127.0.0.1", "8080", ...server];

process.execve!(join(root, "dist", name), [name, ...args], process.env as Record<string, string>);
