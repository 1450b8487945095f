/** Nothing that steers a dynamic loader, or a libc, steers our executable: it has started already. */

import { expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { bind, program, run, scratch, testWith } from "./support/harness.ts";

const library = program("steering.c", ["cc", "-shared", "-fPIC"]);
const staticProbe = program("probe.c", ["cc", "-static"]);
const directory = scratch();
const loaded = join(directory, "loaded");

/** The library, and a directory where it goes by the names of what the runtime was linked with. */
async function hostile(): Promise<{ library: string; libraries: string }> {
  const libraries = join(directory, "libraries");
  mkdirSync(libraries, { recursive: true });
  for (const name of ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2"]) {
    copyFileSync(await library(), join(libraries, name));
  }
  return { library: await library(), libraries };
}

const variables: Record<string, (from: { library: string; libraries: string }) => string> = {
  LD_PRELOAD: ({ library }) => library,
  LD_AUDIT: ({ library }) => library,
  LD_LIBRARY_PATH: ({ libraries }) => libraries,
  LD_ORIGIN_PATH: ({ libraries }) => libraries,
  LD_DEBUG: () => "all",
  LD_DEBUG_OUTPUT: () => join(directory, "debug"),
  LD_SHOW_AUXV: () => "1",
  LD_TRACE_LOADED_OBJECTS: () => "1",
  LD_BIND_NOW: () => "1",
  LD_PROFILE: () => "libc.so.6",
  LD_USE_LOAD_BIAS: () => "0",
  GLIBC_TUNABLES: () =>
    "glibc.malloc.perturb=255:glibc.malloc.check=3:glibc.malloc.arena_max=1:glibc.pthread.rseq=1:glibc.cpu.hwcaps=-AVX2_Usable:glibc.rtld.nns=1:glibc.mem.tagging=3",
  MALLOC_PERTURB_: () => "255",
  MALLOC_CHECK_: () => "3",
  MALLOC_TRACE: () => join(directory, "malloc"),
  LC_ALL: () => "de_DE.UTF-8",
  LOCPATH: ({ libraries }) => libraries,
  LANGUAGE: () => "de",
  NLSPATH: ({ libraries }) => `${libraries}/%N`,
  POSIXLY_CORRECT: () => "1",
  RES_OPTIONS: () => "debug",
  GCONV_PATH: ({ libraries }) => libraries,
  GETCONF_DIR: ({ libraries }) => libraries,
};

testWith(["cc"], "the library would be loaded", async () => {
  const { stderr } = await run(["/bin/true"], { env: { LD_PRELOAD: await library(), LOADED: loaded } });
  expect([stderr, existsSync(loaded)]).toEqual(["loaded\n", true]);
  await run(["rm", loaded]);
});

const runs = [["--version"], ["--help"], ["x", "0", "prog"], ["127.0.0.1", "0", "/nonexistent"], ["-z"]];

test.each(Object.keys(variables))("%s", async (variable) => {
  const from = await hostile();
  const env = { [variable]: variables[variable]!(from), LOADED: loaded };
  for (const args of runs) expect(await bind(args, { env, cwd: from.libraries })).toEqual(await bind(args));
  const options = ["-D", "-b9", "--keep-alive", "--report-fd=2", "127.0.0.1", "0", await staticProbe()];
  const { exit, stdout, stderr } = await bind(options, { env, cwd: from.libraries });
  expect({ exit, stderr }).toEqual({ exit: 42, stderr: expect.stringMatching(/^127\.0\.0\.1 \d+\n$/) });
  expect(JSON.parse(stdout).socket).toMatchObject({ listening: true, backlog: 9, reuse_address: false });
  expect(readdirSync(directory)).toEqual(["libraries"]);
});
