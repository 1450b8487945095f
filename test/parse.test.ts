/** Which options are given, and where they end. */

import { describe, expect, test } from "bun:test";
import { readCString } from "../src/bytes.ts";
import { exitCode, Fatal } from "../src/failure.ts";
import { options } from "../src/command.ts";
import { clear, flags } from "../src/flags.ts";
import { missing } from "../src/operands.ts";
import { resolveOptions } from "../src/options.ts";
import { parse } from "../src/parse.ts";
import { argument, start } from "./support/c-string.ts";

const read = (args: string[]) => {
  clear();
  return parse(start(args));
};

/** What was given, each with its value. */
const given = (args: string[]) =>
  Object.fromEntries(
    [...options.keys()].flatMap((option) => {
      read(args);
      const { given, value } = flags[option];
      return given ? [[option, readCString(value)]] : [];
    }),
  );

describe("options that are given", () => {
  test.each<[string, string[], Record<string, string>, number]>([
    ["none", [], {}, 0],
    ["a short one", ["-d", "ip"], { "reuse-address": "" }, 1],
    ["a long one", ["--udp", "ip"], { udp: "" }, 1],
    ["a cluster", ["-DmB", "ip"], { "no-reuse-address": "", udp: "", block: "" }, 1],
    ["the last of two that contradict: short", ["-dDd", "ip"], { "reuse-address": "" }, 1],
    ["the last of two that contradict: long", ["--udp", "--tcp", "ip"], { tcp: "" }, 2],
    ["the last of two that contradict: mixed", ["-M", "--udp", "ip"], { udp: "" }, 2],
    ["a value in the same argument", ["-b5", "ip"], { backlog: "5" }, 1],
    ["a value in the next argument", ["-b", "5", "ip"], { backlog: "5" }, 2],
    ["a value at the end of a cluster", ["-Bb", "5", "ip"], { block: "", backlog: "5" }, 2],
    ["the rest of a cluster is the value", ["-bB", "ip"], { backlog: "B" }, 1],
    ["a value that looks like an option", ["-b", "-d", "ip"], { backlog: "-d" }, 2],
    ["a lone - as value", ["-b", "-", "ip"], { backlog: "-" }, 2],
    ["an empty value", ["-b", "", "ip"], { backlog: "" }, 2],
    ["a long one's value after =", ["--backlog=5", "ip"], { backlog: "5" }, 1],
    ["a long one's value after the first =", ["--backlog=5=6", "ip"], { backlog: "5=6" }, 1],
    ["a long one's empty value", ["--backlog=", "ip"], { backlog: "" }, 1],
    ["a long one's value in the next argument", ["--backlog", "5", "ip"], { backlog: "5" }, 2],
    ["the last of two values", ["-b5", "--backlog=6", "ip"], { backlog: "6" }, 2],
    ["-b as the last argument", ["-b"], {}, 1],
    ["-b in front of --", ["-b", "--", "ip"], {}, 2],
    ["--backlog in front of --", ["--backlog", "--", "ip"], {}, 2],
    ["--help ends the reading", ["-d", "--help", "--nope"], { "reuse-address": "", help: "" }, 2],
    ["--version ends the reading", ["--version", "-z"], { version: "" }, 1],
  ])("%s", (_, args, expected, optind) => {
    expect(given(args)).toEqual(expected);
    expect(read(args).optind).toBe(optind);
  });
});

describe("options end at", () => {
  test.each<[string, string[], number]>([
    ["the first operand", ["ip", "-d"], 0],
    ["an empty argument", ["", "-d"], 0],
    ["a lone -", ["-", "-d"], 0],
    ["--, which is no operand", ["--", "-d"], 1],
    ["the first of two --", ["--", "--", "-d"], 1],
    ["prog's own options", ["ip", "port", "prog", "-D", "--udp", "--help"], 0],
  ])("%s", (_, args, optind) => {
    expect(given(args)).toEqual({});
    expect(read(args).optind).toBe(optind);
  });
});

/** What `attempt` fails with. */
function failure(attempt: () => unknown): Fatal {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Fatal) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

describe("refused:", () => {
  test.each<[string[], string]>([
    [["-z"], "unrecognized short option: z"],
    [["-dz"], "unrecognized short option: z"],
    [["-h"], "unrecognized short option: h"],
    [["-b5", "-5"], "unrecognized short option: 5"],
    [["--nope"], "unrecognized boolean option: --nope"],
    [["--back"], "unrecognized boolean option: --back"],
    [["--Backlog"], "unrecognized boolean option: --Backlog"],
    [["--no-udp"], "unrecognized boolean option: --no-udp"],
    [["--ip"], "unrecognized boolean option: --ip"],
    [["--d"], "unrecognized boolean option: --d"],
    [["--constructor"], "unrecognized boolean option: --constructor"],
    [["--nope=1"], "unrecognized option with argument: --nope=1"],
    [["--tcp=1"], "unrecognized option with argument: --tcp=1"],
    [["--tcp="], "unrecognized option with argument: --tcp="],
    [["--=5"], "invalid option: --=5"],
    [["--="], "invalid option: --="],
  ])("%j", (args, message) => {
    expect(failure(() => read(args))).toMatchObject({ message, status: exitCode.usage });
  });
});

describe("a hint:", () => {
  const list = "--help lists the options";
  const meant = (option: string) => `did you mean --${option}? ${list}`;
  test.each<[string, string | undefined]>([
    ["-h", list],
    ["-z", list],
    ["--nope", list],
    ["--listen_fds", meant("listen-fds")],
    ["--listenfds=1", meant("listen-fds")],
    ["--backlgo", meant("backlog")],
    ["--backlgo=5", meant("backlog")],
    ["--back", meant("backlog")],
    ["--report", meant("report-fd")],
    ["--BLOCK", meant("block")],
    ["--Fd", meant("fd")],
    ["--keepalive", meant("keep-alive")],
    ["--constructor", list],
    [`--${"x".repeat(100_000)}`, list],
    ["--tcp=1", "--tcp takes no value"],
    ["--=5", undefined],
  ])("%s", (arg, hint) => {
    expect(failure(() => read([arg])).hint).toBe(hint);
  });
});

/** `args` in full: options, ip, port, prog. */
function resolve(args: string[]) {
  const commandLine = read(args);
  const [ip, port, prog] = args.slice(commandLine.optind).map(argument);
  if (ip === undefined || port === undefined || prog === undefined) throw missing(commandLine, ip, port);
  return resolveOptions(commandLine);
}

describe("options mean", () => {
  const address = ["127.0.0.1", "80", "prog"];
  const defaults = { udp: false, blocking: false, reuseAddress: true, backlog: 2 ** 31 - 1 };
  test.each<[string, string[], Partial<typeof defaults>]>([
    ["nothing: TCP, non-blocking, SO_REUSEADDR, the longest queue", [], {}],
    ["UDP", ["-m", "-b0"], { udp: true, backlog: 0 }],
    ["TCP, since it came last", ["-mM"], {}],
    ["blocking", ["--block"], { blocking: true }],
    ["no SO_REUSEADDR", ["-D"], { reuseAddress: false }],
    ["SO_REUSEADDR, since it came last", ["-D", "-d"], {}],
    ["a queue of 7", ["-b007"], { backlog: 7 }],
    ["the largest backlog", ["-b4294967295"], { backlog: 2 ** 32 - 1 }],
  ])("%s", (_, args, difference) => {
    expect(resolve([...args, ...address])).toMatchObject({ ...defaults, ...difference });
  });

  test.each(["", " 5", "5 ", "+5", "-5", "0x5", "5.0", "1e3", "x", "4294967296"])(
    "no backlog: %j",
    (value) => {
      const message = "backlog must be an unsigned integer";
      // It is judged before the ip.
      expect(failure(() => resolve(["-b", value, "wrong", "80", "prog"]))).toMatchObject({ message });
    },
  );

  test("no backlog, but the ip", () => {
    const error = failure(() => resolve(["-b", "::1", "80", "prog", "argument"]));
    expect(error.message).toBe("backlog must be an unsigned integer");
    expect(error.hint).toBe("-b took ::1 as its value");
  });

  test.each<[string[], string]>([
    [[], "missing ip, port and prog"],
    [["-d"], "missing ip, port and prog"],
    [["127.0.0.1"], "missing port and prog"],
    [["127.0.0.1", "80"], "missing prog"],
    [["-bx", "127.0.0.1", "80"], "missing prog"],
    [["-b", "5", "127.0.0.1", "80"], "missing prog"],
    [["-b", "127.0.0.1", "80", "prog"], "missing prog: -b took 127.0.0.1 as its value"],
    [["-Db", "::1", "80", "prog"], "missing prog: -b took ::1 as its value"],
    [["--wait", "127.0.0.1", "80"], "missing port and prog: --wait took 127.0.0.1 as its value"],
    [["-b5", "--report-file", "::", "80", "p"], "missing prog: --report-file took :: as its value"],
    [["127.0.0.1:80", "prog"], "missing prog: ip and port are two arguments, 127.0.0.1 80"],
    [["[::]:80"], "missing port and prog: ip and port are two arguments, :: 80"],
  ])("too few operands: %j", (args, message) => {
    const error = failure(() => resolve(args));
    expect(error).toMatchObject({ usage: true });
    expect(error).toMatchObject({ message, status: exitCode.usage });
  });
});
