import type { Pointer } from "bun:ffi";
import { ipAndPort, isAddress } from "./address.ts";
import { readCString } from "./bytes.ts";
import { invalidOperand, type Fatal } from "./failure.ts";
import type { CommandLine } from "./parse.ts";

/** What to say if there are fewer operands than ip, port and prog. They are C strings. */
export function missing(commandLine: CommandLine, ip?: Pointer, port?: Pointer): Fatal {
  const names = ip === undefined ? "ip, port and prog" : port === undefined ? "port and prog" : "prog";
  const two = ip === undefined ? undefined : ipAndPort(ip);
  const reason = tookAddress(commandLine) ?? (two && `ip and port are two arguments, ${two}`);
  return invalidOperand(`missing ${names}${reason === undefined ? "" : `: ${reason}`}`);
}

/** What to say if an option took the ip as its value. */
export function tookAddress({ taken, taker }: CommandLine): string | undefined {
  if (taken === undefined || !isAddress(readCString(taken))) return undefined;
  const option = readCString(taker!);
  return `${option.startsWith("--") ? option : `-${option.slice(-1)}`} took ${readCString(taken)} as its value`;
}
