import { read, type Pointer } from "bun:ffi";
import { libc, POINTER, readCString } from "./libc.ts";

/** What the kernel gave this process, by address. */
export interface Process {
  /** char *argv[] */
  readonly argv: Pointer;
  /** char *envp[] */
  readonly envp: Pointer;
  /** The argument at an index, 0 for the one behind argv[0], a character per byte; undefined past the last one. */
  readonly argument: (index: number) => string | undefined;
}

/** Search every loaded object: dlfcn.h. */
const RTLD_DEFAULT = null;

/**
 * Find argv from environ: the kernel puts argc, argv, NULL, envp one after the
 * other on the stack (the System V ABI, "Process Initialization"). `process.argv`
 * will not do: it holds text, and arguments are bytes.
 */
export function currentProcess(): Process {
  const environ = libc().dlsym(RTLD_DEFAULT, "environ")!;
  const envp = read.ptr(environ, 0) as Pointer;
  // Going down from the NULL, argc is the word that counts the words above it; no pointer is that small.
  let argc = 0;
  let at = envp - POINTER;
  do at -= POINTER;
  while (read.ptr(at as Pointer, 0) !== argc++);
  const argv = (at + POINTER) as Pointer;
  const argument = (index: number) => {
    const address = read.ptr(argv, POINTER * (1 + index));
    return address === 0 ? undefined : readCString(address as Pointer);
  };
  return { argv, envp, argument };
}
