/**
 * The programs and libraries of which the executable contains parts:
 * licenses/components.json, which a test holds against what Bun names
 * (project/license.mdx of bun-types), with the versions that a build recorded.
 */

import table from "../../licenses/components.json";
import { dependencies } from "../../package.json";
import type { Versions } from "../versions.ts";

export interface Component {
  name: string;
  /** A version, or a commit; absent where Bun's own revision is what pins it. */
  version?: string;
  /** SPDX licence expression. */
  licence: string;
  copyright: string;
  /** Where the sources of exactly this version are. */
  sources: string;
}

/** What an executable contains, itself left out. */
export function components({ bun, components: recorded, libc }: Versions): Component[] {
  const tree = `https://github.com/oven-sh/bun/tree/${bun.revision}`;
  return [
    {
      name: "bun",
      version: bun.version,
      licence: "MIT",
      copyright: "Jarred Sumner and the Bun contributors",
      sources: tree,
    },
    ...table.map(({ name, licence, copyright, repository, recorded: key }) => {
      const version = key ? recorded[key] : (dependencies as Record<string, string>)[name];
      const sources = version ? sourcesOf(repository, version) : tree;
      return { name, ...(version && { version }), licence, copyright, sources };
    }),
    ...(libc
      ? [
          {
            name: "glibc",
            version: libc.package.split(" ").at(-1)!,
            licence: "LGPL-2.1-or-later",
            copyright: "the Free Software Foundation, Inc., and contributors",
            sources: libcSources(libc.package, libc.version),
          },
        ]
      : []),
  ];
}

/** The licences of all of them and of our own, as one SPDX expression. */
export function allLicences(parts: readonly Component[]): string {
  return [...new Set(["ISC", ...parts.flatMap(({ licence }) => licence.split(" AND ")).sort()])].join(
    " AND ",
  );
}

function sourcesOf(repository: string, version: string): string {
  if (/^[0-9a-f]{40}$/.test(version)) return `${repository}/tree/${version}`;
  if (repository.endsWith("/icu")) return `${repository}/tree/release-${version}`;
  if (repository.startsWith("https://github.com/")) return `${repository}/tree/v${version}`;
  return repository;
}

/** Where the packager of a libc keeps the sources of each version, if we know. */
function libcSources(packaged: string, release: string): string {
  const [, distribution, version] = /^(Debian|Ubuntu) GLIBC (\S+)$/.exec(packaged) ?? [];
  if (distribution === "Debian") return `https://snapshot.debian.org/package/glibc/${version}/`;
  if (distribution === "Ubuntu") return `https://launchpad.net/ubuntu/+source/glibc/${version}`;
  return `https://ftp.gnu.org/gnu/glibc/glibc-${release}.tar.xz`;
}
