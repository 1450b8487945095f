/** The bill of materials of an executable, in SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/). */

import { readFileSync } from "node:fs";
import { name, version } from "../../package.json";
import type { Built } from "./built.ts";
import { allLicences, components, type Component } from "./components.ts";

/** What SPDX says for what nobody has looked into. */
const unknown = "NOASSERTION";

/** @param time of the document, in seconds since 1970. */
export function sbom({ target, executable, versions }: Built, time: number): object {
  const sha256 = new Bun.CryptoHasher("sha256").update(readFileSync(executable)).digest("hex");
  const parts = components(versions);
  const ours = "SPDXRef-executable";
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `${name}-${version}-${target}`,
    documentNamespace: `https://spdx.org/spdxdocs/${name}-${version}-${target}-${sha256}`,
    creationInfo: {
      created: new Date(time * 1000).toISOString().replace(".000", ""),
      creators: [`Tool: ${name}-${version}`],
    },
    packages: [
      {
        SPDXID: ours,
        name: `${name}-${target}`,
        versionInfo: version,
        packageFileName: name,
        checksums: [{ algorithm: "SHA256", checksumValue: sha256 }],
        downloadLocation: unknown,
        filesAnalyzed: false,
        licenseDeclared: "ISC",
        licenseConcluded: allLicences(parts),
        copyrightText: `2026 the ${name} authors`,
        primaryPackagePurpose: "APPLICATION",
      },
      ...parts.map(describe),
    ],
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: ours },
      ...parts.map((part) => ({
        spdxElementId: ours,
        relationshipType: "CONTAINS",
        relatedSpdxElement: identifier(part),
      })),
    ],
  };
}

function describe(part: Component): object {
  const url = packageUrl(part);
  return {
    SPDXID: identifier(part),
    name: part.name,
    ...(part.version && { versionInfo: part.version }),
    downloadLocation: part.sources,
    filesAnalyzed: false,
    licenseDeclared: part.licence,
    licenseConcluded: unknown,
    copyrightText: part.copyright,
    ...(url && {
      externalRefs: [{ referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: url }],
    }),
  };
}

function identifier({ name }: Component): string {
  return `SPDXRef-${name.replaceAll(/[^A-Za-z0-9.-]/g, "-")}`;
}

/** What scanners look a part up by (https://github.com/package-url/purl-spec), if its version is known. */
function packageUrl({ name, version, sources }: Component): string | undefined {
  const [, repository, ref] = /^https:\/\/github\.com\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(sources) ?? [];
  if (version && repository && ref) return `pkg:github/${repository.toLowerCase()}@${ref}`;
  if (sources.startsWith("https://snapshot.debian.org/"))
    return `pkg:deb/debian/${name}@${version}?arch=source`;
  return undefined;
}
