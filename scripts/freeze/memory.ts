/** The memory of a stopped process: proc_pid_mem(5), proc_pid_maps(5). */

import { closeSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { IOV_MAX } from "./linux.ts";
import { Block, check, libc } from "./ptrace.ts";

/** A part of it, with one protection. */
export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly readable: boolean;
  readonly writable: boolean;
  readonly executable: boolean;
}

export class Memory implements Disposable {
  readonly #pid: number;
  readonly #file: number;

  constructor(pid: number) {
    this.#pid = pid;
    this.#file = openSync(`/proc/${pid}/mem`, "r+");
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  read(address: number, size: number): Buffer {
    const bytes = Buffer.allocUnsafe(size);
    for (let done = 0; done < size;) {
      const more = readSync(this.#file, bytes, done, size - done, address + done);
      if (more === 0) throw new Error("the program is gone");
      done += more;
    }
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) {
      done += writeSync(this.#file, bytes, done, bytes.length - done, address + done);
    }
  }

  /** Prepare to write the same again and again: process_vm_writev(2). All of it must be writable by the process. */
  writer(ranges: readonly { readonly start: number; readonly contents: Buffer }[]): () => void {
    const contents = new Block(ranges.reduce((size, range) => size + range.contents.length, 0));
    // struct iovec, of ours and of the process's.
    const [source, destination] = [new Block(16 * ranges.length), new Block(16 * ranges.length)];
    let size = 0;
    ranges.forEach((range, i) => {
      contents.bytes.set(range.contents, size);
      source.words.set([BigInt(contents.address + size), BigInt(range.contents.length)], 2 * i);
      destination.words.set([BigInt(range.start), BigInt(range.contents.length)], 2 * i);
      size += range.contents.length;
    });
    return () => {
      let left = contents.size;
      for (let first = 0; first < ranges.length; first += IOV_MAX) {
        const count = Math.min(ranges.length - first, IOV_MAX);
        const [from, to] = [source.address + 16 * first, destination.address + 16 * first];
        left -= check(libc.process_vm_writev(this.#pid, from, count, to, count, 0), "process_vm_writev");
      }
      if (left !== 0) throw new Error("the program has less memory than it had");
    };
  }

  /** The C string at `address`, a character per byte. */
  readString(address: number): string {
    let text = "";
    for (let at = address; ;) {
      // Not beyond the page: there may be nothing.
      const piece = this.read(at, 4096 - (at % 4096));
      const end = piece.indexOf(0);
      if (end !== -1) return text + piece.toString("latin1", 0, end);
      text += piece.toString("latin1");
      at += piece.length;
    }
  }

  maps(): Mapping[] {
    const lines = readFileSync(`/proc/${this.#pid}/maps`, "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const [, start = "", end = "", r, w, x] = /^(\w+)-(\w+) (.)(.)(.)/.exec(line)!;
      const [readable, writable, executable] = [r === "r", w === "w", x === "x"];
      return { start: parseInt(start, 16), end: parseInt(end, 16), readable, writable, executable };
    });
  }
}
