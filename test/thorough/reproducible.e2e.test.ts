/** Whoever builds, wherever and when: the bytes are the same. */

import { expect } from "bun:test";
import { chmodSync, chownSync, copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { differences } from "../../scripts/freeze/compare.ts";
import { executable, name, program, run, scratch, testWith } from "../support/harness.ts";
import { asNobody } from "../support/network.ts";
import { copyOfProject } from "../support/project.ts";

const refuse = program("refuse.c");

const NOBODY = 65534;
// linux/personality.h, asm-generic/errno-base.h
const ADDR_NO_RANDOMIZE = 0x0040000;
const EPERM = 1;

testWith(
  ["root", "cc", "unshare", "setpriv", "taskset", "nice", "hostname"],
  "another user, directory, environment, host name, pid, CPU, priority, limits, descriptors; a seccomp filter",
  async () => {
    // Names of another length, at another depth.
    const project = copyOfProject(join(scratch(), "a directory", "with-another-name"));
    const dist = join(project, "dist");
    const setup = `hostname elsewhere && umask 077 && ulimit -n 200 && ulimit -s 16384 && ulimit -c unlimited &&
      exec 5</dev/null 9</dev/null nice -n 3 taskset -c 0 "$@"`;
    const namespaces = ["unshare", "--uts", "--pid", "--fork", "--mount-proc", "sh", "-c", setup, "sh"];
    // As Docker's default profile does.
    const filter = [await refuse(), "personality", "0", `${ADDR_NO_RANDOMIZE}`, `${EPERM}`];
    const everyone = join(project, "..");
    for (const directory of [join(everyone, ".."), everyone, project]) chmodSync(directory, 0o755);
    chownSync(project, NOBODY, NOBODY);
    // The same runtime from another file.
    copyFileSync(process.execPath, join(everyone, "bun"));
    const build = [process.execPath, join(project, "scripts/build.ts"), "--bun", join(everyone, "bun")];
    const { exit, stderr } = await run([...namespaces, ...asNobody, ...filter, ...build], {
      cwd: "/",
      env: {
        PATH: process.env["PATH"],
        HOME: project,
        LANG: "de_DE.UTF-8",
        TZ: "Asia/Tokyo",
        SOURCE_DATE_EPOCH: "1",
        ANOTHER: "variable".repeat(1000),
      },
    });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(differences(readFileSync(executable), readFileSync(join(dist, name)))).toEqual([]);
    expect(readFileSync(join(dist, name)).equals(readFileSync(executable))).toBe(true);
  },
  120_000,
);
