import type { Address } from "./address.ts";
import type { Given } from "./arguments.ts";
import { invalid } from "./failure.ts";
import { Linux } from "./linux.ts";
import { INT_MAX } from "./numbers.ts";
import { numberBetween, resolveSettings, type Setting } from "./settings.ts";

export { inheritanceError, moveSocket, planHandOver } from "./hand-over.ts";
export { report } from "./report.ts";
export { persist } from "./waiting.ts";

/** What was asked for beyond what the original has. */
export interface Extensions {
  readonly mptcp: boolean;
  readonly dualStack: boolean;
  readonly settings: readonly Setting[];
  /** For how long to retry bind() and listen(), in milliseconds. */
  readonly wait: number;
  /** The descriptor that the socket becomes; undefined: only the one that is announced. */
  readonly fd: number | undefined;
  /** The name under which the socket is announced by LISTEN_FDS; undefined: it is not. */
  readonly fdName: string | undefined;
  readonly reportFd: number | undefined;
  readonly reportFile: string | undefined;
}

/** @throws Failure (exit 100) that says which value is wrong, or does not fit. */
export function resolveExtensions(given: Given, { ip, family }: Address, udp: boolean): Extensions {
  const dualStack = "dual-stack" in given;
  const mptcp = "mptcp" in given;
  if (dualStack && family !== Linux.AF_INET6) throw invalid(`--dual-stack needs an IPv6 address, not ${ip}`);
  if (mptcp && udp) throw invalid("--mptcp is for TCP sockets");

  const reportFd = descriptor(given, "report-fd");
  const fd = descriptor(given, "fd") ?? ("listen-fds" in given ? undefined : 0);
  if (fd === 0 && reportFd === 0)
    throw invalid("--report-fd must be another descriptor than the socket's, 0");
  return {
    mptcp,
    dualStack,
    settings: resolveSettings(given, udp, family === Linux.AF_INET6 && !dualStack),
    wait: seconds(given["wait"]) * 1000,
    fd,
    fdName: descriptorName(given),
    reportFd,
    reportFile: reportPath(given),
  };
}

function descriptor(given: Given, name: "fd" | "report-fd"): number | undefined {
  const text = given[name];
  return text === undefined ? undefined : numberBetween(name, text, 0, INT_MAX);
}

function seconds(text = "0"): number {
  if (!/^([0-9]{1,9}(\.[0-9]*)?|\.[0-9]+)$/.test(text)) {
    throw invalid(`--wait must be a number of seconds such as 10 or 2.5, not ${text || "empty"}`);
  }
  return Number(text);
}

/** See "Description" in sd_listen_fds(3) and FileDescriptorName= in systemd.socket(5). */
function descriptorName(given: Given): string | undefined {
  const name = given["fd-name"];
  if (!("listen-fds" in given)) {
    if (name !== undefined) throw invalid("--fd-name goes with --listen-fds");
    return undefined;
  }
  if (name !== undefined && !/^[ -9;-~]{1,255}$/.test(name)) {
    throw invalid("--fd-name must be 1 to 255 ASCII characters, none of them a colon or a control character");
  }
  return name ?? "unknown";
}

function reportPath(given: Given): string | undefined {
  const path = given["report-file"];
  if (path === "") throw invalid("--report-file must be a path, not empty");
  return path;
}
