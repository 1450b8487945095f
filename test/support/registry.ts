/** A registry for npm, on loopback, that has the packages in a directory and no others. */

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  name: string;
  version: string;
}

/** What a registry says of a package (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md). */
interface Packument {
  name: string;
  "dist-tags": { latest: string };
  versions: Record<string, Manifest & { dist: { tarball: string; integrity: string } }>;
}

/** Serve the packages until it is disposed of: say `await using`. */
export function serveRegistry(directory: string) {
  const packages = new Map<string, Packument>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }) {
      const path = decodeURIComponent(new URL(url).pathname.slice(1));
      if (path.endsWith(".tgz")) return new Response(Bun.file(join(directory, path)));
      return Response.json(packages.get(path) ?? {}, { status: packages.has(path) ? 200 : 404 });
    },
  });
  for (const file of readdirSync(directory).filter((file) => file.endsWith(".tgz"))) {
    const manifest = manifestOf(join(directory, file));
    const { name, version } = manifest;
    const digest = new Bun.CryptoHasher("sha512").update(readFileSync(join(directory, file)));
    const dist = { tarball: `${server.url}${file}`, integrity: `sha512-${digest.digest("base64")}` };
    packages.set(name, {
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
    });
  }
  return server;
}

function manifestOf(file: string): Manifest {
  const { stdout } = Bun.spawnSync([
    "tar",
    "--extract",
    "--to-stdout",
    "--file",
    file,
    "package/package.json",
  ]);
  return JSON.parse(String(stdout));
}
