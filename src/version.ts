import { ptr } from "bun:ffi";
import { name, version } from "../package.json";
import { build } from "./build.ts";
import { readCString } from "./bytes.ts";
import { libc } from "./libc.ts";

/** Of confstr(3): bits/confname.h. Only glibc knows it. */
const CS_GNU_LIBC_VERSION = 2;

/** Size of the text, in bytes: there is room to spare. */
const SIZE = 64;

/** The text of `--version`: what this is, and what it is made of. */
export function versions(): string {
  const text = new Uint8Array(SIZE);
  const isGlibc = libc.confstr(CS_GNU_LIBC_VERSION, text, SIZE) > 0;
  const libcVersion = isGlibc ? readCString(ptr(text)) : "musl";
  return `${name} ${version}
architecture: ${build.arch}
runtime: Bun ${build.bun}
libc: ${libcVersion}
build: ${build.id}`;
}
