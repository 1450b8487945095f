/** Nothing in the environment or the current directory steers our executable. */

import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bind, executable, name, ok, run, scratch, testWith, type Result } from "./support/harness.ts";
import { expectSameState, nativeSubject, type Subject } from "./support/state.ts";

const programs = scratch();
const elsewhere = scratch();

/** Names that libc reads, and some that steer others: not found by their prefix. */
const plain =
  "CI COLORTERM DEBUG DISPLAY EDITOR FORCE_COLOR GITHUB_ACTIONS HOME HTTPS_PROXY HTTP_PROXY LANG LC_ALL LOGNAME NO_COLOR NO_PROXY PATH PWD SHELL SSH_AUTH_SOCK TEMP TERM TMP TMPDIR TZ TZDIR USER XDG_CACHE_HOME XDG_CONFIG_HOME http_proxy https_proxy no_proxy";

/** Every name in the runtime that looks like a variable's: the executable has only a part of it. */
function variableNames(): string[] {
  const prefixed =
    /\b(BUN|NODE|JSC|MIMALLOC|mimalloc|UV|WEBKIT|WTF|SSL|OPENSSL|NPM|npm|GITHUB|AWS|S3|ICU|ZSTD|GIGACAGE|LIBUV)_[A-Za-z0-9_]+/g;
  // What comes after the prefix of JavaScriptCore's options stands elsewhere, as do mimalloc's.
  const joined = [
    "BUN_JSC_useJIT",
    "BUN_JSC_dumpOptions",
    "BUN_JSC_logGC",
    "BUN_JSC_unknown",
    "BUN_JSC_",
    "BUN_INSPECT",
    "BUN_INSPECT_CONNECT_TO",
    "BUN_INSPECT_PRELOAD",
    ...["VERBOSE", "SHOW_STATS", "SHOW_ERRORS", "RESERVE_OS_MEMORY"].map((option) => `MIMALLOC_${option}`),
  ];
  const found = readFileSync(process.execPath).toString("latin1").match(prefixed) ?? [];
  return [...new Set([...found, ...joined, ...plain.split(" ")])];
}

const names = variableNames();
const named = (wanted: string) => names.filter((variable) => variable.startsWith(wanted));
const all = (value: string) => Object.fromEntries(names.map((variable) => [variable, value]));

/** Runs that end in every way: a program, a text, a refusal. */
const runs: [string[], Result][] = [
  [["127.0.0.1", "0", "/bin/echo", "ran"], ok("ran\n")],
  [["--version"], ok(expect.stringMatching(RegExp(`^${name} [^\n]+\n([a-z]+: [^\n]+\n){4}$`)))],
  [["--help"], ok(expect.stringContaining("--reuse-address"))],
  [
    ["not-an-ip", "0", "/bin/echo"],
    {
      exit: 100,
      stdout: "",
      stderr: expect.stringMatching(RegExp(`^${name}: fatal: [^\n]+\n${name}: usage: [^\n]+\n$`)),
    },
  ],
];

async function expectUndisturbed(env: Record<string, string>, cwd: string): Promise<void> {
  const before = readdirSync(cwd, { recursive: true });
  for (const [args, result] of runs) expect(await bind(args, { env, cwd })).toEqual(result);
  expect(readdirSync(cwd, { recursive: true })).toEqual(before);
}

const values: [string, string][] = [
  ["1", "1"],
  ["--version", "--version"],
  ["a path", join(elsewhere, "written")],
];

describe("variables of the runtime", () => {
  test("are found in the runtime", () => {
    expect(named("BUN_").length).toBeGreaterThan(100);
    expect(named("NODE_").length).toBeGreaterThan(10);
    expect(names).toContain("BUN_OPTIONS");
    expect(names).toContain("BUN_BE_BUN");
  });

  let subject: Subject;
  beforeAll(async () => void (subject = await nativeSubject(programs)));

  for (const [title, value] of values) {
    test(`all at once, as ${title}`, () => expectUndisturbed(all(value), elsewhere));
    testWith(["cc"], `all at once, as ${title}: prog sees the same`, () =>
      expectSameState(subject, { env: all(value), cwd: elsewhere }),
    );
  }

  // By itself, too: among all of them, one may hide the effect of another.
  for (const [title, value] of values) {
    test(`each by itself, as ${title}`, async () => {
      const before = readdirSync(elsewhere, { recursive: true });
      const steered: string[] = [];
      const left = [...names];
      const next = async () => {
        for (let variable; (variable = left.pop()) !== undefined;) {
          const seen = await bind(["127.0.0.1", "0", "/bin/echo", "ran"], {
            env: { [variable]: value },
            cwd: elsewhere,
          });
          if (!Bun.deepEquals(seen, ok("ran\n"))) steered.push(variable);
        }
      };
      await Promise.all([next(), next(), next(), next()]);
      expect(steered).toEqual([]);
      expect(readdirSync(elsewhere, { recursive: true })).toEqual(before);
    }, 120_000);
  }

  const important = [
    ["BUN_OPTIONS", "--version"],
    ["BUN_OPTIONS", "--inspect"],
    ["BUN_OPTIONS", "--preload=/nonexistent.ts"],
    ["BUN_BE_BUN", "1"],
    ["BUN_INSPECT", "ws://127.0.0.1:0/x"],
    ["BUN_INSPECT", "1"],
    ["BUN_INSPECT_CONNECT_TO", "ws://127.0.0.1:1/x"],
    ["BUN_INSPECT_PRELOAD", "/nonexistent.ts"],
    ["BUN_FEATURE_FLAG_NO_ORPHANS", "1"],
    ["BUN_DEBUG", "/nonexistent/log"],
    ["BUN_CONFIG_VERBOSE_FETCH", "curl"],
    ["BUN_JSC_useJIT", "0"],
    ["BUN_JSC_useJIT", "false"],
    ["BUN_JSC_dumpOptions", "2"],
    ["BUN_JSC_unknown", "1"],
    ["BUN_JSC_", "1"],
    ["JSC_useJIT", "0"],
    ["JSC_dumpOptions", "2"],
    ["MIMALLOC_VERBOSE", "1"],
    ["MIMALLOC_SHOW_STATS", "1"],
    ["mimalloc_verbose", "1"],
    ["NODE_OPTIONS", "--version"],
    ["NODE_CHANNEL_FD", "0"],
    ["FORCE_COLOR", "1"],
    ["TZ", "/dev/null"],
  ] as const;
  for (const [variable, value] of important) {
    const env = { [variable]: value };
    test(`${variable}=${value}`, () => expectUndisturbed(env, elsewhere));
    testWith(["cc"], `${variable}=${value}: prog sees the same`, () =>
      expectSameState(subject, { env, cwd: elsewhere }),
    );
  }

  testWith(["strace"], "no file written, no socket opened, no process started", async () => {
    const strace = Bun.which("strace")!;
    const calls = "%file,%network,%process,memfd_create";
    const trace = async (env: Record<string, string>) => {
      const log = join(programs, "trace");
      const command = [executable, "127.0.0.1", "0", "/bin/true"];
      const result = await run([strace, "-f", "-e", `trace=${calls}`, "-o", log, ...command], {
        env,
        cwd: elsewhere,
      });
      expect(result).toEqual(ok());
      const lines = readFileSync(log, "utf8").split("\n");
      const [start, hidden] = [1, lines.findIndex((line) => line.includes('execve("/bin/true"'))];
      expect(hidden).toBeGreaterThan(start);
      return lines.slice(start, hidden).map((line) => line.replace(/^\d+ +/, "").replaceAll(/0x\w+/g, "0x…"));
    };
    const plainTrace = await trace({});
    expect(plainTrace.filter((line) => /O_(WRONLY|RDWR|CREAT)/.test(line))).toEqual([]);
    expect(plainTrace.filter((line) => /^(socket|connect)\(/.test(line))).toHaveLength(1);
    for (const [, value] of values) expect(await trace(all(value))).toEqual(plainTrace);
  });
});

describe("files in the current directory", () => {
  const directory = scratch();
  const hostile = `require("fs").writeFileSync(${JSON.stringify(join(elsewhere, "hostile"))}, ""); console.log("hostile"); process.exit(7);`;
  const files = {
    "hostile.js": hostile,
    "index.js": hostile,
    "bunfig.toml": 'preload = ["./hostile.js"]\n[run]\npreload = ["./hostile.js"]\nsmol = true\n',
    ".bunfig.toml": 'preload = ["./hostile.js"]\n',
    ".env": "BUN_OPTIONS=--version\nBUN_BE_BUN=1\nPATH=/nonexistent\n",
    ".env.local": "BUN_OPTIONS=--version\n",
    ".env.production": "BUN_OPTIONS=--version\n",
    ".env.development": "BUN_OPTIONS=--version\n",
    ".npmrc": "registry=http://127.0.0.1:1/\n",
    "package.json":
      '{"type":"commonjs","main":"./hostile.js","imports":{"citty":"./hostile.js","#*":"./hostile.js"}}',
    "tsconfig.json":
      '{"compilerOptions":{"paths":{"*":["./hostile.js"]},"baseUrl":".","jsxImportSource":"./hostile.js"}}',
    "jsconfig.json": '{"compilerOptions":{"paths":{"*":["./hostile.js"]}}}',
    "node_modules/citty/index.js": hostile,
    "node_modules/citty/package.json": '{"main":"index.js"}',
    "node_modules/bun:ffi/index.js": hostile,
    "libc.so.6": "not a library",
  };
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(directory, file, ".."), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
  const broken = scratch();
  for (const file of Object.keys(files).filter((file) => !file.includes("/"))) {
    writeFileSync(join(broken, file), "{ \0 broken = [");
  }

  test("hostile ones", () => expectUndisturbed({ PATH: "/usr/bin:/bin" }, directory));
  test("broken ones", () => expectUndisturbed({ PATH: "/usr/bin:/bin" }, broken));
  test("hostile ones, as HOME and TMPDIR", () =>
    expectUndisturbed({ HOME: directory, XDG_CONFIG_HOME: directory, TMPDIR: directory }, directory));
});

test("nothing was left elsewhere", () => expect(readdirSync(elsewhere)).toEqual([]));
