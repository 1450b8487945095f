import { defineCommand, type ArgDef } from "citty";
import { description, name, version } from "../package.json";
import { socketSettings } from "./setting-table.ts";

/** An option as citty describes it, and the one that it takes back. */
type Option = ArgDef & { readonly alias?: string; readonly overrides?: string };

/** The original's options: these alone have letters. */
const original = {
  "reuse-address": {
    type: "boolean",
    alias: "d",
    description: "allow instant rebinding to the same address and port: SO_REUSEADDR (default)",
    overrides: "no-reuse-address",
  },
  "no-reuse-address": {
    type: "boolean",
    alias: "D",
    description: "disallow instant rebinding to the same address and port",
    overrides: "reuse-address",
  },
  tcp: { type: "boolean", alias: "M", description: "create a TCP socket (default)", overrides: "udp" },
  udp: {
    type: "boolean",
    alias: "m",
    description: "create a UDP socket; goes with -b0, since a UDP socket cannot listen",
    overrides: "tcp",
  },
  block: { type: "boolean", alias: "B", description: "create a blocking socket (default: non-blocking)" },
  backlog: {
    type: "string",
    alias: "b",
    valueHint: "N",
    description: "queue at most N connections (default: as many as the system allows); 0: do not listen",
  },
} as const satisfies Record<string, Option>;

const args = {
  ...original,
  "dual-stack": {
    type: "boolean",
    description: "let an IPv6 socket take IPv4 connections, too; :: becomes 0.0.0.0 where there is no IPv6",
  },
  mptcp: { type: "boolean", description: "create a Multipath TCP socket" },
  ...socketSettings,
  fd: { type: "string", valueHint: "N", description: "make the socket descriptor N instead of 0" },
  "listen-fds": {
    type: "boolean",
    description:
      "announce the socket in LISTEN_FDS, as the next descriptor from 3 up; stdin only with --fd=0",
  },
  "fd-name": {
    type: "string",
    valueHint: "NAME",
    description: "its name in LISTEN_FDNAMES (default: unknown); goes with --listen-fds",
  },
  "report-fd": {
    type: "string",
    valueHint: "N",
    description: "when the socket is ready, write its ip and port to descriptor N, and close it",
  },
  "report-file": {
    type: "string",
    valueHint: "PATH",
    description: "when the socket is ready, write its ip and port to this file",
  },
  wait: {
    type: "string",
    valueHint: "SECONDS",
    description: "try again for so long while the address is in use or not there",
  },
  help: { type: "boolean", description: "print this text and exit" },
  version: { type: "boolean", description: "print the version and exit" },
  ip: {
    type: "positional",
    description: "IPv4 or IPv6 address to bind to; fe80::1%eth0 for a link-local one",
  },
  port: { type: "positional", description: "port to bind to; 0: the kernel chooses one" },
  "prog...": { type: "positional", description: "program to execute, with its arguments" },
} as const satisfies Record<string, Option>;

/** The one definition of the options: it drives parsing and `--help`. */
export const command = defineCommand({ meta: { name, version, description }, args });

export type OptionName = {
  [Name in keyof typeof args]: (typeof args)[Name]["type"] extends "positional" ? never : Name;
}[keyof typeof args];

/** The text of `--help`: the build renders it from the definition, and puts it here. */
export const help = () => HELP;
declare const HELP: string;

/** The options alone, by their long names. */
export const options: ReadonlyMap<OptionName, Option> = new Map(
  (Object.entries(args) as [OptionName, Option][]).filter(([, { type }]) => type !== "positional"),
);
