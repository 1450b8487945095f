/**
 * What our program uses of bun:ffi, from the native object behind that module.
 * The build puts it in the module's place: evaluating the module, which wraps
 * this object in JavaScript that we do not need, takes 30 page faults.
 */

import type * as ffi from "bun:ffi";

const native = (Bun as unknown as { FFI: typeof ffi }).FFI;

export const { dlopen, read } = native;
