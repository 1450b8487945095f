import { parseAddress, parseUnsigned, type Address } from "./address.ts";
import type { Given } from "./arguments.ts";
import { exitCode, Failure, UsageFailure } from "./failure.ts";

/** Everything that the arguments ask for, valid as far as it can be known before the system is asked. */
export interface Options {
  readonly address: Address;
  readonly udp: boolean;
  readonly blocking: boolean;
  readonly reuseAddress: boolean;
  /** Length of the queue of connections; 0: do not listen. */
  readonly backlog: number;
  readonly prog: string;
}

/** The kernel cuts it to net.core.somaxconn: "the maximum allowed by the system". See listen(2). */
const MAX_BACKLOG = 2 ** 31 - 1;

/** @throws Failure or UsageFailure (exit 100) that says which value is wrong. */
export function resolveOptions(given: Given, ip?: string, port?: string, prog?: string): Options {
  if (ip === undefined || port === undefined || prog === undefined) {
    const missing = ip === undefined ? "ip, port and prog" : port === undefined ? "port and prog" : "prog";
    throw new UsageFailure(`missing ${missing}`);
  }
  const backlog = parseUnsigned(given.get("backlog") ?? String(MAX_BACKLOG), 2 ** 32 - 1);
  if (backlog === undefined) throw new Failure("backlog must be an unsigned integer", exitCode.usage);
  return {
    address: parseAddress(ip, port),
    udp: given.has("udp"),
    blocking: given.has("block"),
    reuseAddress: !given.has("no-reuse-address"),
    backlog,
    prog,
  };
}
