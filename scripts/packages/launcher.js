#!/usr/bin/env node
/**
 * Becomes the executable of the package for this machine's architecture. It
 * does so in the same process where Node.js can (22.15, 23.11 and later);
 * elsewhere the executable is its child, which gets its signals.
 */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";

const { name, version, optionalDependencies } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);

function fatal(problem) {
  console.error(`${name}: fatal: ${problem}`);
  process.exit(111);
}

/** The path of the executable. */
function find() {
  const target = `${process.platform}-${process.arch}`;
  const wanted = `${name}-${target}`;
  if (!Object.hasOwn(optionalDependencies, wanted))
    fatal(`no executable for ${target}: it runs on Linux, on x64 and arm64`);
  try {
    return createRequire(import.meta.url).resolve(`${wanted}/bin/${name}`);
  } catch {
    fatal(
      `the package ${wanted} is not installed: either optional dependencies were left out, ` +
        `or the lock file was made on another system; try npm install ${wanted}@${version}`,
    );
  }
}

/** Run the executable beside us, and end as it does. */
function run(file, args) {
  const forwarded = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"];
  // Before it runs: whoever sees it run may signal us at once. The listener comes to its turn after this function.
  for (const signal of forwarded) process.on(signal, () => child.kill(signal));
  const child = spawn(file, args, { argv0: name, stdio: "inherit" });
  child.on("error", ({ message }) => fatal(`unable to execute ${file}: ${message}`));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // It did not end us: it is one that we ignore.
    setImmediate(() => process.exit(128 + constants.signals[signal]));
  });
}

const file = find();
const args = process.argv.slice(2);
if (process.execve) {
  // Node.js ignores these, and so would the executable; execve(2) gives back the default to what is handled.
  for (const signal of ["SIGPIPE", "SIGXFSZ"]) process.on(signal, () => {});
  process.execve(file, [name, ...args], process.env);
} else {
  run(file, args);
}
