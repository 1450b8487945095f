import { devDependencies } from "../package.json";

/** What the executable is made of. */
interface Build {
  /** The architecture, as package managers of JavaScript name it. */
  readonly arch: string;
  /** The version of Bun. */
  readonly bun: string;
  /** Tells executables apart. */
  readonly id: string;
}

/** The build puts it here; there is none where the program runs from source. */
declare const BUILD: Build;

export const isCompiled = typeof BUILD !== "undefined";

export const build: Build = isCompiled ? BUILD : { arch: "any", bun: devDependencies.bun, id: "source" };
