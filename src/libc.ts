import { dlopen, read, type FFIFunction, type Pointer } from "bun:ffi";
import { Failure } from "./failure.ts";
import { Linux } from "./linux.ts";

/** glibc's name; musl's dlopen() takes it for itself, so one name serves both. */
const LIBC = "libc.so.6";

/**
 * Functions of libc that are looked up together, at the first use of any.
 * Every symbol costs some microseconds: what each run needs stands in `libc`,
 * what only some runs need in the tables after it.
 */
function symbols<T extends Record<string, FFIFunction>>(table: T, found?: (symbols: Symbols<T>) => void) {
  let loaded: Symbols<T> | undefined;
  const load = () => {
    loaded = open(table);
    found?.(loaded);
    return loaded;
  };
  return () => loaded ?? load();
}

type Symbols<T extends Record<string, FFIFunction>> = ReturnType<typeof dlopen<T>>["symbols"];

function open<T extends Record<string, FFIFunction>>(table: T): Symbols<T> {
  try {
    return dlopen(LIBC, table).symbols;
  } catch (error) {
    // "bun:ffi requires the JIT", which gets no executable memory under seccomp, SELinux or a low `ulimit -v`.
    throw new Failure(`unable to call libc: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Size of a pointer, in bytes. */
export const POINTER = 8;

/** Where libc keeps errno. Known before anything can fail: see errno(). */
let errnoLocation: Pointer | bigint | null = null;

/** What every run needs, up to execve(). */
export const libc = symbols(
  {
    /** int *__errno_location(void) */
    __errno_location: { args: [], returns: "ptr" },
    /** void *dlsym(void *handle, const char *symbol) */
    dlsym: { args: ["ptr", "cstring"], returns: "ptr" },
    /** char *getenv(const char *name) */
    getenv: { args: ["buffer"], returns: "ptr" },
    /** int inet_pton(int af, const char *src, void *dst) */
    inet_pton: { args: ["i32", "buffer", "buffer"], returns: "i32" },
    /** int close(int fd) */
    close: { args: ["i32"], returns: "i32" },
    /** int socket(int domain, int type, int protocol) */
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    /** int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen) */
    setsockopt: { args: ["i32", "i32", "i32", "buffer", "u32"], returns: "i32" },
    /** int bind(int fd, const struct sockaddr *addr, socklen_t addrlen) */
    bind: { args: ["i32", "buffer", "u32"], returns: "i32" },
    /** int listen(int fd, int backlog) */
    listen: { args: ["i32", "i32"], returns: "i32" },
    /** int execve(const char *path, char *const argv[], char *const envp[]) */
    execve: { args: ["buffer", "ptr", "ptr"], returns: "i32" },
  } as const,
  (found) => (errnoLocation = found.__errno_location()),
);

/** What it takes to print and to exit. */
export const output = symbols({
  /** ssize_t write(int fd, const void *buf, size_t count) */
  write: { args: ["i32", "buffer", "usize"], returns: "i64" },
  /** char *strerror(int errnum) */
  strerror: { args: ["i32"], returns: "cstring" },
  /** void _exit(int status) */
  _exit: { args: ["i32"], returns: "void" },
} as const);

/** What an IPv6 scope needs. */
export const interfaces = symbols({
  /** unsigned int if_nametoindex(const char *ifname) */
  if_nametoindex: { args: ["buffer"], returns: "u32" },
} as const);

/** What handing the socket over in another way, or telling its port, needs. */
export const handOver = symbols({
  /** int dup2(int oldfd, int newfd) */
  dup2: { args: ["i32", "i32"], returns: "i32" },
  /** int fcntl(int fd, int op, ...) */
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  /** int getrlimit(int resource, struct rlimit *rlim) */
  getrlimit: { args: ["i32", "buffer"], returns: "i32" },
  /** pid_t getpid(void) */
  getpid: { args: [], returns: "i32" },
  /** int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen) */
  getsockname: { args: ["i32", "buffer", "buffer"], returns: "i32" },
  /** const char *inet_ntop(int af, const void *src, char *dst, socklen_t size) */
  inet_ntop: { args: ["i32", "buffer", "buffer", "u32"], returns: "cstring" },
  /** sighandler_t signal(int signum, sighandler_t handler) */
  signal: { args: ["i32", "ptr"], returns: "ptr" },
} as const);

/** What waiting needs. */
export const timing = symbols({
  /** int usleep(useconds_t usec) */
  usleep: { args: ["u32"], returns: "i32" },
} as const);

/**
 * The errno of the call just made. Nothing may come in between: not another
 * call, and not work of the engine's own (compiling, collecting garbage), whose
 * system calls change it. So it is read from memory, without a call.
 */
export function errno(): number {
  return read.i32(errnoLocation!, 0);
}

/**
 * `text` as a C string. Where bytes matter (arguments, paths) a string holds
 * one byte per character, as in Latin-1.
 */
export function cString(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length + 1);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** `value` as a C int, or an unsigned one. */
export function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  for (let i = 0; i < bytes.length; i++) bytes[i] = value >>> (8 * i);
  return bytes;
}

/**
 * write() all of `text`, one byte per character.
 * @returns 0, or the errno of the write that failed.
 */
export function writeAll(fd: number, text: string): number {
  for (let bytes = cString(text).subarray(0, -1); bytes.length > 0;) {
    const written = Number(output().write(fd, bytes, bytes.length));
    const error = written >= 0 ? 0 : errno();
    if (error === 0) bytes = bytes.subarray(written);
    else if (error !== Linux.EINTR) return error;
  }
  return 0;
}

/** The C string at `address`, one character per byte. */
export function readCString(address: Pointer | bigint): string {
  let text = "";
  for (let i = 0, byte; (byte = read.u8(address, i)) !== 0; i++) text += String.fromCharCode(byte);
  return text;
}
