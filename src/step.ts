import { hintForBind, type Address } from "./address.ts";
import { Fatal } from "./failure.ts";
import { EADDRINUSE } from "./linux.ts";
import { hintForPassed } from "./listen-fds.ts";
import type { Netns } from "./netns.ts";
import type { Options } from "./options.ts";

/** The steps to a socket that is bound. */
export type Step = "enter namespace" | "find interface" | "create" | "adopt" | "set" | "bind" | "listen";

/** A step that failed, and what was to be done. */
export interface FailedStep {
  readonly step: Step;
  /** The errno. */
  readonly error: number;
  readonly options: Options;
  readonly address: Address;
  readonly netns: Netns | undefined;
  /** The socket option that was to be set. */
  readonly option: string | undefined;
}

/** @param ip,port what a message calls the address. */
export function stepFailure(failed: FailedStep, ip: string, port: string): Fatal {
  const { step, error, address, netns, option } = failed;
  const at = `${ip} port ${port}`;
  switch (step) {
    case "enter namespace":
      return netns!.failure(error);
    case "find interface":
      return new Fatal(`unable to find interface ${address.scope!.name}`, { errno: error });
    case "create":
      return new Fatal("unable to create socket", { errno: error });
    case "adopt":
      return new Fatal(`unable to adopt the socket at ${at}`, { errno: error });
    case "set":
      return new Fatal(`unable to set ${option} on ${at}`, { errno: error });
    case "bind":
      return new Fatal(`unable to bind to ${at} `, { errno: error, hint: hint(failed, ip) });
    case "listen":
      return new Fatal(`unable to listen to ${at} `, { errno: error });
  }
}

function hint({ error, options: { adopt, udp }, address }: FailedStep, ip: string): string | undefined {
  return adopt && error === EADDRINUSE ? hintForPassed() : hintForBind(ip, address, udp, error);
}
