/** Ports for tests that must know theirs beforehand. */

import { existsSync, readFileSync } from "node:fs";
import { sysctlFile, sysctlNumber } from "./sysctl.ts";

/** Lower ones may be for root alone. */
const lowest = 1024;

/** The first of those that the kernel gives to whoever asks for any. */
function firstGiven(): number {
  const range = "ipv4/ip_local_port_range";
  return existsSync(sysctlFile(range)) ? sysctlNumber(range) : lowest;
}

/** Whether a connection of the port is open, or remembered: then it takes SO_REUSEADDR to bind to it. */
function hasConnection(port: number): boolean {
  const end = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return ["tcp", "tcp6"].some((file) => readFileSync(`/proc/net/${file}`, "latin1").includes(end));
}

/**
 * A port that is free at 127.0.0.1 and ::1. Nobody who asks for any port is given this one meanwhile,
 * as other tests do at the same time.
 */
export function freePort(): number {
  const first = firstGiven();
  for (;;) {
    const wanted = lowest + Math.floor(Math.random() * (first - lowest));
    // Where the kernel gives all of them, it has to choose this one, too.
    const port = listen(first > 2 * lowest ? wanted : 0);
    if (port !== undefined && !hasConnection(port)) return port;
  }
}

/** Listen to a port, for a moment. @returns which one, undefined if it is in use. */
function listen(port: number): number | undefined {
  try {
    const listener = Bun.listen({ hostname: "::", port, socket: { data() {} } });
    listener.stop(true);
    return listener.port;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") return undefined;
    throw error;
  }
}
