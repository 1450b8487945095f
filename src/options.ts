import { parseAddress, type Address } from "./address.ts";
import type { Arguments } from "./arguments.ts";
import type { Extensions } from "./extensions.ts";
import { invalid, invalidOperand } from "./failure.ts";
import { extensions } from "./lazy.ts";
import { INT_MAX, parseUnsigned, UINT_MAX } from "./numbers.ts";

/** Everything that the arguments ask for, valid as far as it can be known before the system is asked. */
export interface Options {
  readonly address: Address;
  readonly udp: boolean;
  readonly blocking: boolean;
  readonly reuseAddress: boolean;
  /** Length of the queue of connections; 0: do not listen. */
  readonly backlog: number;
  /** What the original does not have; undefined: nothing of it was asked for. */
  readonly extensions: Extensions | undefined;
  readonly prog: string;
}

/** @throws Failure (exit 100) that says which value is wrong. */
export function resolveOptions(
  { given, extended }: Arguments,
  ip?: string,
  port?: string,
  prog?: string,
): Options {
  if (ip === undefined || port === undefined || prog === undefined) {
    const missing = ip === undefined ? "ip, port and prog" : port === undefined ? "port and prog" : "prog";
    throw invalidOperand(`missing ${missing}`);
  }
  // The kernel cuts it to net.core.somaxconn, "the maximum allowed by the system": listen(2).
  const backlog = given.backlog === undefined ? INT_MAX : parseUnsigned(given.backlog, UINT_MAX);
  if (backlog === undefined) throw invalid("backlog must be an unsigned integer");
  const address = parseAddress(ip, port);
  const udp = "udp" in given;
  return {
    address,
    udp,
    blocking: "block" in given,
    reuseAddress: !("no-reuse-address" in given),
    backlog,
    extensions: extended ? extensions().resolveExtensions(given, address, udp) : undefined,
    prog,
  };
}
