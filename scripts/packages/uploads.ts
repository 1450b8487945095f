/** The commands that publish a release, in the order in which they may fail. */

import { join } from "node:path";
import { name } from "../../package.json";
import { root } from "./built.ts";

/**
 * @param files the names of all files of the release; the commands run where these are, in dist/release/.
 * @param repository of the project, as OWNER/NAME on GitHub.
 */
export function uploads(version: string, files: readonly string[], repository: string): string[][] {
  const prerelease = version.includes("-");
  const image = `ghcr.io/${repository.toLowerCase()}`;
  const packed = files.filter((file) => file.endsWith(".tgz"));
  // First the executables' packages, on which the other depends.
  packed.sort((one, other) => other.length - one.length);
  return [
    [
      ...[
        "docker",
        "buildx",
        "build",
        "--file",
        join(root, "Dockerfile"),
        "--platform",
        "linux/amd64,linux/arm64",
      ],
      ...["--provenance=false", "--output", "type=image,push=true,rewrite-timestamp=true"],
      ...["--metadata-file", "../image.json", "--label", `org.opencontainers.image.version=${version}`],
      ...["--label", `org.opencontainers.image.source=https://github.com/${repository}`],
      ...imageTags(version).flatMap((tag) => ["--tag", `${image}:${tag}`]),
      "../packages",
    ],
    ...packed.map((file) => [
      "npm",
      "publish",
      file,
      "--access",
      "public",
      "--tag",
      prerelease ? "next" : "latest",
    ]),
    [
      ...["gh", "release", "create", `v${version}`, "--repo", repository, "--verify-tag"],
      ...["--title", `${name} ${version}`, "--notes-file", "../release-notes.md"],
      ...(prerelease ? ["--prerelease"] : []),
      "--",
      ...files,
    ],
  ];
}

/** The tags of the image: one that stays, and those that move on with each release. */
export function imageTags(version: string): string[] {
  if (version.includes("-")) return [version];
  const [major, minor] = version.split(".");
  return [version, `${major}.${minor}`, "latest"];
}
