/** Debian packages of any architecture and release, without root and without a change to this machine's own. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { output } from "./command.ts";

/** Where packages are taken from. */
export interface Suite {
  /** As dpkg calls it. */
  architecture: string;
  /** A release's code name. */
  release: string;
}

/** Names of packages. */
interface Wanted {
  /** One that stands for the newest kernel of its kind, as linux-image-cloud-arm64 does. That kernel comes alone. */
  kernel: string;
  /** These come with all that they depend on. */
  packages: readonly string[];
}

/**
 * Download packages from the archive that this machine's own apt is set up with.
 * @param directory for what apt has to remember, and for the packages.
 * @returns the path of each package.
 */
export async function download(
  { kernel, packages }: Wanted,
  suite: Suite,
  directory: string,
): Promise<string[]> {
  mkdirSync(join(directory, "lists/partial"), { recursive: true });
  mkdirSync(join(directory, "packages"));
  const write = (file: string, text: string) => writeFileSync(join(directory, file), text);
  write("status", "");
  write("sources.list", `deb ${await archiveAddress()} ${suite.release} main\n`);
  write("apt.conf", configuration(suite.architecture, directory));
  const env = { ...process.env, APT_CONFIG: join(directory, "apt.conf") };
  const apt = (...command: string[]) => output(command, { cwd: join(directory, "packages"), env });

  await apt("apt-get", "update");
  const newest = /Depends: (linux-image-\S+)/.exec(await apt("apt-cache", "depends", kernel))?.[1];
  await apt("apt-get", "download", newest ?? kernel);
  // Nothing is installed in that directory, so nothing is left out.
  await apt("apt-get", "install", "--download-only", "--yes", ...packages);
  const files = new Glob("{packages,archives}/*.deb").scanSync({ cwd: directory, absolute: true });
  return [...files].sort();
}

/** Where Debian's archive is for this machine: releases and architectures of all kinds lie beside each other there. */
async function archiveAddress(): Promise<string> {
  const targets = await output(["apt-get", "indextargets", "--format", "$(LABEL) $(COMPONENT) $(REPO_URI)"]);
  const address = /^Debian main (.+)$/m.exec(targets)?.[1];
  if (!address)
    throw new Error("apt knows of no archive of Debian's: on a Debian system, run apt-get update");
  return address;
}

/** apt.conf(5) for an apt that lives in `directory`, and leaves the machine's lists and packages alone. */
function configuration(architecture: string, directory: string): string {
  return `Dir::State "${directory}";
Dir::State::status "${directory}/status";
Dir::Cache "${directory}";
Dir::Etc::SourceList "${directory}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
APT::Architecture "${architecture}";
APT::Architectures { "${architecture}"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
`;
}
