import { readCString } from "./bytes.ts";
import { invalid } from "./failure.ts";
import { flags, type Flag } from "./flags.ts";
import { sockopts, type Sockopt, type SockoptName } from "./sockopts.ts";
import { numberBetween, said, sizeBetween } from "./values.ts";

/** A socket option, and its value. */
export interface SockoptRow {
  readonly name: SockoptName;
  readonly inet: Sockopt["inet"];
  readonly inet6: Sockopt["inet6"];
  readonly forced: Sockopt["forced"];
  /** A number, which is 1 for what is on or off; or a name; undefined: it was not given. */
  value: number | string | undefined;
}

/** What values an option takes. All are of one shape, which the interpreter remembers. */
interface Rule {
  readonly flag: Flag;
  /** Whether it is for UDP sockets alone, or for TCP sockets alone; undefined: it is for both. */
  readonly forUdp: boolean | undefined;
  readonly needs: Flag | undefined;
  readonly isBoolean: boolean;
  readonly range: Sockopt["range"];
  readonly isSize: boolean;
  readonly reserved: number;
}

const all = Object.entries<Sockopt>(sockopts) as [SockoptName, Sockopt][];

/** In the order in which they are set. */
const rows: readonly SockoptRow[] = all.map(([name, { inet, inet6, forced }]) => ({
  name,
  inet,
  inet6,
  forced,
  value: undefined,
}));
const none: readonly SockoptRow[] = [];

/** In the same order. */
const rules: readonly Rule[] = all.map(([name, { only, needs, type, range, isSize, tcpReserved }]) => ({
  flag: flags[name],
  forUdp: only && only === "udp",
  needs: needs && flags[needs],
  isBoolean: type === "boolean",
  range,
  isSize: isSize ?? false,
  reserved: tcpReserved ?? 0,
}));

/** Give the socket options their values. @returns those that have one, or all. @throws Fatal (exit 100) */
export function resolveSockopts(udp: boolean): readonly SockoptRow[] {
  let given = none;
  for (let i = 0; i < rules.length; i++) {
    const { flag, forUdp, needs, isBoolean } = rules[i]!;
    const row = rows[i]!;
    row.value = undefined;
    if (!flag.given) continue;
    given = rows;
    if (forUdp !== undefined && forUdp !== udp) {
      throw invalid(`--${row.name} is for ${forUdp ? "UDP" : "TCP"} sockets`);
    }
    if (needs !== undefined && !needs.given) throw invalid(`--${row.name} goes with --${needs.name}`);
    row.value = isBoolean ? 1 : valueOf(rules[i]!, udp);
  }
  return given;
}

/** IFNAMSIZ of linux/if.h and TCP_CA_NAME_MAX of linux/tcp.h, less the final NUL. */
export const MAX_NAME = 15;

/** The name or the number that an option was given. @throws Fatal (exit 100) */
function valueOf({ flag, range, isSize, reserved }: Rule, udp: boolean): number | string {
  const { name, value } = flag;
  if (!range) {
    const text = readCString(value);
    if (text !== "" && text.length <= MAX_NAME) return text;
    throw invalid(`--${name} must be a name of 1 to ${MAX_NAME} characters, not ${said(value)}`);
  }
  const between = isSize ? sizeBetween : numberBetween;
  const number = between(name, value, range[0], range[1]);
  if (udp || (number & reserved) === 0) return number;
  throw invalid(`--${name} must be a multiple of ${reserved + 1} for TCP, not ${readCString(value)}`);
}
