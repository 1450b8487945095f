/** What a build left in dist/TARGET/, for those who package it. */

import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { name, repository as hosted, version } from "../../package.json";
import { versionsFile, type Versions } from "../versions.ts";

export const root = join(import.meta.dir, "../..");

/** The project's repository: OWNER/NAME on GitHub. */
export const repository = hosted.replace("github:", "");

/** The architectures, by the names that npm and Debian have for them. */
export const architectures = {
  "linux-x64": { cpu: "x64", debian: "amd64" },
  "linux-arm64": { cpu: "arm64", debian: "arm64" },
} as const;

export type Target = keyof typeof architectures;

export const targets = Object.keys(architectures) as Target[];

export interface Built {
  target: Target;
  /** The executable's path. */
  executable: string;
  versions: Versions;
}

/** @throws Error when the target has not been built in `dist`, or as another version. */
export function built(target: Target, dist: string): Built {
  const directory = join(dist, target);
  const executable = join(directory, name);
  const record = join(directory, versionsFile);
  for (const file of [executable, record])
    if (!existsSync(file))
      throw new Error(`${relative(dirname(dist), file)} is not there: npm run build:all`);
  const versions = JSON.parse(readFileSync(record, "utf8")) as Versions;
  if (versions.version !== version)
    throw new Error(
      `${basename(dist)}/${target} is version ${versions.version}, not ${version}: build it again`,
    );
  return { target, executable, versions };
}
