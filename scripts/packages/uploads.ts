/** What publishes a release: from where it may be done, and by which commands. */

import { join } from "node:path";
import { name } from "../../package.json";
import { repository, root } from "./built.ts";

/** The image's name. Registries want it in small letters. */
export const image = `ghcr.io/${repository.toLowerCase()}`;

/** @throws Error when what package.json says is not what the workflow runs for: see `env` of GitHub Actions. */
export function checkOrigin(
  { author, repository, version }: Record<"author" | "repository" | "version", string>,
  { GITHUB_REPOSITORY, GITHUB_REF_NAME }: Record<string, string | undefined>,
): void {
  if (/OWNER|REPOSITORY/.test(author + repository))
    throw new Error("package.json has placeholders: set author and repository, then npm run generate");
  if (repository !== `github:${GITHUB_REPOSITORY}`)
    throw new Error(`the repository is ${GITHUB_REPOSITORY}, package.json has ${repository}`);
  if (GITHUB_REF_NAME !== `v${version}`)
    throw new Error(`the tag is ${GITHUB_REF_NAME}, package.json has version ${version}`);
}

/**
 * The commands, in the order in which they may fail.
 *
 * @param files the names of all files of the release; the commands run where these are, in dist/release/.
 */
export function uploads(version: string, files: readonly string[]): string[][] {
  const prerelease = version.includes("-");
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
