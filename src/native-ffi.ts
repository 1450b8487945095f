/**
 * What our program uses of bun:ffi, from the native object behind that module.
 * The build puts it in the module's place: evaluating the module, which wraps
 * this object in JavaScript that we do not need, takes 30 page faults.
 */

import type * as ffi from "bun:ffi";

const native = (Bun as unknown as { FFI: typeof ffi }).FFI;

export const { ptr, read, toArrayBuffer } = native;

/** As that of bun:ffi; the native one returns its error. */
export const dlopen: typeof ffi.dlopen = (name, symbols) => {
  const library: ReturnType<typeof ffi.dlopen<typeof symbols>> | Error = native.dlopen(name, symbols);
  if (library instanceof Error) throw library;
  return library;
};
