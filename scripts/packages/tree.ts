/** The directory that becomes a package: what is in it does not depend on who packs it, when and where. */

import { chmodSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";

export class Tree {
  /**
   * @param top the directory, which is not there yet.
   * @param time when everything in it was changed last, in seconds since 1970.
   */
  constructor(
    readonly top: string,
    readonly time: number,
  ) {
    this.#directory(top);
  }

  /** Write a file, or copy one if `content` is `{ from: PATH }`. */
  add(path: string, content: string | Uint8Array | { from: string }, mode = 0o644): this {
    const file = join(this.top, path);
    for (const [index, letter] of [...path].entries())
      if (letter === sep) this.#directory(join(this.top, path.slice(0, index)));
    const bytes = typeof content === "object" && "from" in content ? readFileSync(content.from) : content;
    writeFileSync(file, bytes);
    chmodSync(file, mode);
    for (let at = file; ; at = dirname(at)) {
      utimesSync(at, this.time, this.time);
      if (at === this.top) return this;
    }
  }

  #directory(path: string): void {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
  }
}
