/**
 * All that src/ may use beside the language and bun:ffi. What the runtime knows of its process (`process`, its
 * clocks, its random numbers) was true when the executable was built, and is not when it runs.
 */

declare namespace NodeJS {
  type TypedArray = Uint8Array | Uint32Array | Int32Array;
}

interface Buffer extends Uint8Array {
  write(text: string, encoding: "latin1"): number;
  write(text: string, offset: number, encoding: "latin1"): number;
  toString(encoding?: "latin1" | "hex", start?: number, end?: number): string;
}

declare const Buffer: {
  /** Zero bytes. */
  alloc(size: number): Buffer;
  from(text: string, encoding: "latin1"): Buffer;
};
