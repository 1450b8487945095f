import { read, type Pointer } from "bun:ffi";
import { isCompiled } from "./build.ts";
import { addressOf, cString, POINTER, readCString, storePointer } from "./bytes.ts";
import { libc } from "./libc.ts";

/** What the kernel gives a new process, by address. */
export class Start {
  /**
   * @param argc how many arguments there are, argv[0] included: it may be 0.
   * @param argv char *argv[], without its end in what is counted by argc.
   * @param envp char *envp[]
   * @param isRehearsal whether this is only to warm up, and prog is not executed.
   */
  constructor(
    public argc: number,
    public argv: Pointer,
    public envp: Pointer,
    public isRehearsal: boolean,
  ) {}

  /** The argument at `index`, 0 for the one behind argv[0], as a C string; undefined past the last one. */
  argument(index: number): Pointer | undefined {
    return index + 1 < this.argc ? (read.ptr(this.argv, POINTER * (index + 1)) as Pointer) : undefined;
  }
}

/** A system call that no kernel has. */
const POINT_OF_RETURN = 100_000;

/** Where command lines to rehearse lie, and where no kernel puts a stack: scripts/freeze/start.ts. */
const REHEARSALS = 0x2a_0000_0000;
const REHEARSALS_END = REHEARSALS + 8 * 2 ** 20;

/** Search every loaded object: dlfcn.h. */
const RTLD_DEFAULT = null;

/** char **environ, libc's own: getenv() looks there. */
const environ = libc.dlsym(RTLD_DEFAULT, cString("environ")) as Pointer;

/** The value of a variable of the environment, a C string; null if it is not set. */
export function getenv(name: Pointer | Uint8Array): Pointer | null {
  if (run !== ours) {
    storePointer(pointer, 0, run.envp);
    libc.memcpy(environ, pointerAt, POINTER);
  }
  return libc.getenv(name) as Pointer | null;
}

/** The command line of this very process, found before anything changes environ. */
const ours = isCompiled ? startOfProcess() : withoutRuntime(startOfProcess());

/** Every other one, and a pointer: made once, since each page that a run takes costs time. */
const next = new Start(0, environ, environ, true);
const pointer = new Uint8Array(POINTER);
const pointerAt = addressOf(pointer);

let run = ours;

/**
 * The next command line to run. Here an image is frozen, and here each run of it begins: docs/freezing.md. The
 * system call that no kernel has is answered by the freezer with the address of a command line to rehearse, and in
 * the image with that of what the kernel gave. Without either, from source or compiled only, it fails.
 * @param status the exit code of the run before: the freezer compares it with what the rehearsal should come to.
 */
export function nextStart(status: number): Start {
  const address = libc.syscall(POINT_OF_RETURN, status) as Pointer;
  if (address < 0) return ours;
  // argc, argv, NULL, envp, NULL lie one after the other: the System V ABI, "Process Initialization".
  next.argc = read.i32(address, 0);
  next.argv = (address + POINTER) as Pointer;
  next.envp = (address + POINTER * (next.argc + 2)) as Pointer;
  next.isRehearsal = address >= REHEARSALS && address < REHEARSALS_END;
  return (run = next);
}

/** Find argc from environ. `process.argv` would not do: it holds text, and arguments are bytes. */
function startOfProcess(): Start {
  const envp = read.ptr(environ, 0);
  // Going down from the NULL, argc is the word that counts the words above it; no pointer is that small.
  let argc = 0;
  let at = envp - POINTER;
  do at -= POINTER;
  while (read.ptr(at as Pointer, 0) !== argc++);
  return new Start(argc - 1, (at + POINTER) as Pointer, envp as Pointer, false);
}

/** The script takes the place of argv[0], as in a script that the kernel starts: what precedes it is Bun's own. */
function withoutRuntime({ argc, argv, envp }: Start): Start {
  for (let index = 1; index < argc; index++) {
    const script = (argv + POINTER * index) as Pointer;
    if (readCString(read.ptr(script, 0) as Pointer).endsWith("main.ts")) {
      return new Start(argc - index, script, envp, false);
    }
  }
  return new Start(argc, argv, envp, false);
}
