/** What of src/ the rehearsals execute: statements, functions and branches, as Istanbul counts them. */

import { createInstrumenter } from "istanbul-lib-instrument";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { BunPlugin } from "bun";
import { compile } from "../../scripts/compile.ts";
import { Session, type Rehearsal } from "../../scripts/freeze/session.ts";
import { runtime } from "../../scripts/runtime.ts";
import { POINT_OF_RETURN } from "../../scripts/training.ts";
import { fixtures, name, root, scratch } from "./harness.ts";

interface Location {
  readonly start: { readonly line: number; readonly column: number };
}

/** What Istanbul knows of a file: https://github.com/istanbuljs/istanbuljs/tree/main/packages/istanbul-lib-coverage */
interface FileCoverage {
  readonly statementMap: Readonly<Record<string, Location>>;
  readonly fnMap: Readonly<Record<string, { readonly decl: Location }>>;
  readonly branchMap: Readonly<
    Record<string, { readonly loc: Location; readonly locations: readonly Location[] }>
  >;
  readonly s: Readonly<Record<string, number>>;
  readonly f: Readonly<Record<string, number>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
}

/** A place in the sources that was not executed. */
export interface Gap {
  readonly file: string;
  readonly line: number;
  readonly what: "statement" | "function" | "branch";
  /** The line. */
  readonly text: string;
}

const source = join(root, "src");

const instrument: BunPlugin = {
  name: "instrument",
  setup(build) {
    const instrumenter = createInstrumenter({
      esModules: true,
      compact: false,
      coverageGlobalScopeFunc: false,
      coverageGlobalScope: "globalThis",
      parserPlugins: ["typescript", "classPrivateProperties", "classPrivateMethods", "importAttributes"],
    });
    build.onLoad({ filter: /\/src\/[^/]+\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      return path.startsWith(source)
        ? { contents: instrumenter.instrumentSync(contents, path), loader: "ts" }
        : undefined;
    });
  },
};

/** Run rehearsals on the instrumented program. @returns what was not executed by any of them. */
export async function gapsOf(rehearsals: readonly Rehearsal[]): Promise<Gap[]> {
  const program = join(scratch(), "covered");
  await compile(join(fixtures, "covered.ts"), program, undefined, [instrument]);
  // All of them in memory that is kept, as where the runtime does not say what is cold.
  using session = await Session.start({
    program,
    environment: runtime.environment.filter((setting) => !setting.includes("reportParseTimes")),
    pointOfReturn: POINT_OF_RETURN,
    rehearsals,
  });
  await session.run({ args: [name], environment: ["COVERAGE="], open: [0, 1, 2, 9], exit: 100 });
  const coverage = JSON.parse(session.machine.output.get(9) ?? "{}") as Record<string, FileCoverage>;
  return Object.entries(coverage).flatMap(([file, covered]) => gaps(file, covered));
}

function gaps(path: string, { statementMap, fnMap, branchMap, s, f, b }: FileCoverage): Gap[] {
  const lines = readFileSync(path, "utf8").split("\n");
  const gap = (what: Gap["what"], { start: { line } }: Location): Gap => ({
    file: relative(root, path),
    line,
    what,
    text: lines[line - 1]!.trim(),
  });
  return [
    ...Object.entries(statementMap).flatMap(([id, at]) => (s[id] === 0 ? [gap("statement", at)] : [])),
    ...Object.entries(fnMap).flatMap(([id, { decl }]) => (f[id] === 0 ? [gap("function", decl)] : [])),
    ...Object.entries(branchMap).flatMap(([id, { loc, locations }]) =>
      b[id]!.flatMap((count, i) => {
        const at = locations[i];
        // An else that is not written has no place of its own.
        return count === 0 ? [gap("branch", at?.start.line === undefined ? loc : at)] : [];
      }),
    ),
  ];
}
