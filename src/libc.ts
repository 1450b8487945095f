import { dlopen, read, type FFIFunction, type Pointer } from "bun:ffi";
import { Failure } from "./failure.ts";
import { Linux } from "./linux.ts";

/** glibc's name; musl's dlopen() takes it for itself, so one name serves both. */
const LIBC = "libc.so.6";

type Functions = Record<string, FFIFunction>;

/** @throws Failure when libc cannot be called at all. */
function lookUp<T extends Functions>(functions: T): ReturnType<typeof dlopen<T>>["symbols"] {
  try {
    const library = dlopen(LIBC, functions);
    // The native dlopen, which the build puts in the place of this one, returns its error.
    if (library instanceof Error) throw library;
    return library.symbols;
  } catch (error) {
    // "bun:ffi requires the JIT", which gets no executable memory under seccomp, SELinux or a low `ulimit -v`.
    throw new Failure(`unable to call libc: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @returns what `make` returns, which is called when it is needed first. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Size of a pointer, in bytes. */
export const POINTER = 8;

/** Where libc keeps errno. Known before anything can fail: see errno(). */
let errnoLocation: Pointer | bigint | null = null;

/**
 * What every run needs, up to execve(). Looking a function up takes some
 * microseconds: what only some runs need stands in the tables after this one.
 */
export const libc = once(() => {
  const found = lookUp({
    /** int *__errno_location(void) */
    __errno_location: { args: [], returns: "ptr" },
    /** void *dlsym(void *handle, const char *symbol) */
    dlsym: { args: ["ptr", "cstring"], returns: "ptr" },
    /** void *mmap(void *addr, size_t length, int prot, int flags, int fd, off_t offset) */
    mmap: { args: ["ptr", "usize", "i32", "i32", "i32", "i64"], returns: "ptr" },
    /** void *memset(void *s, int c, size_t n) */
    memset: { args: ["ptr", "i32", "usize"], returns: "ptr" },
    /** int inet_pton(int af, const char *src, void *dst) */
    inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    /** int close(int fd) */
    close: { args: ["i32"], returns: "i32" },
    /** int socket(int domain, int type, int protocol) */
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    /** int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen) */
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    /** int bind(int fd, const struct sockaddr *addr, socklen_t addrlen) */
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    /** int listen(int fd, int backlog) */
    listen: { args: ["i32", "i32"], returns: "i32" },
    /** int execve(const char *path, char *const argv[], char *const envp[]) */
    execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
  } as const);
  errnoLocation = found.__errno_location();
  return found;
});

/** What a look at PATH, or another variable, needs. */
export const strings = once(() =>
  lookUp({
    /** char *getenv(const char *name) */
    getenv: { args: ["ptr"], returns: "ptr" },
    /** char *strchrnul(const char *s, int c) */
    strchrnul: { args: ["ptr", "i32"], returns: "ptr" },
    /** void *memcpy(void *dest, const void *src, size_t n) */
    memcpy: { args: ["ptr", "ptr", "usize"], returns: "ptr" },
  } as const),
);

/** What it takes to print and to exit. */
export const output = once(() =>
  lookUp({
    /** ssize_t write(int fd, const void *buf, size_t count) */
    write: { args: ["i32", "ptr", "usize"], returns: "i64" },
    /** char *strerror(int errnum) */
    strerror: { args: ["i32"], returns: "cstring" },
    /** void _exit(int status) */
    _exit: { args: ["i32"], returns: "void" },
  } as const),
);

/** What an IPv6 scope needs. */
export const interfaces = once(() =>
  lookUp({
    /** unsigned int if_nametoindex(const char *ifname) */
    if_nametoindex: { args: ["ptr"], returns: "u32" },
  } as const),
);

/** What handing the socket over in another way, or telling its port, needs. */
export const handOver = once(() =>
  lookUp({
    /** int dup2(int oldfd, int newfd) */
    dup2: { args: ["i32", "i32"], returns: "i32" },
    /** int fcntl(int fd, int op, ...) */
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    /** int getrlimit(int resource, struct rlimit *rlim) */
    getrlimit: { args: ["i32", "ptr"], returns: "i32" },
    /** pid_t getpid(void) */
    getpid: { args: [], returns: "i32" },
    /** int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen) */
    getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    /** const char *inet_ntop(int af, const void *src, char *dst, socklen_t size) */
    inet_ntop: { args: ["i32", "ptr", "ptr", "u32"], returns: "cstring" },
    /** sighandler_t signal(int signum, sighandler_t handler) */
    signal: { args: ["i32", "ptr"], returns: "ptr" },
  } as const),
);

/** What waiting needs. */
export const timing = once(() =>
  lookUp({
    /** int usleep(useconds_t usec) */
    usleep: { args: ["u32"], returns: "i32" },
  } as const),
);

/**
 * The errno of the call just made. Nothing may come in between: not another
 * call, and not work of the engine's own (compiling, collecting garbage), whose
 * system calls change it. So it is read from memory, without a call.
 */
export function errno(): number {
  return read.i32(errnoLocation!, 0);
}

/** The memory that allocate() gives away: where the rest of it is, and how many bytes. */
let rest = 0;
let restSize = 0;
/** How much of it is asked for at a time, and what its pieces are aligned to, in bytes. */
const BLOCK = 65_536;
const ALIGN = 16;

/**
 * `size` bytes of memory, all zero. It is C's and not JavaScript's, where the
 * first typed array alone takes 60 microseconds; and it is never freed, since
 * what we give to libc has to last until execve(). It is not malloc()'s either,
 * which may return addresses with a tag (glibc.mem.tagging on arm64): too large
 * for a number.
 */
export function allocate(size: number): Pointer {
  const needed = size + (-size & (ALIGN - 1));
  if (needed > restSize) {
    const mapped = needed > BLOCK ? needed : BLOCK;
    const flags = Linux.MAP_PRIVATE | Linux.MAP_ANONYMOUS;
    const start = libc().mmap(null, mapped, Linux.PROT_READ | Linux.PROT_WRITE, flags, -1, 0);
    // MAP_FAILED is the highest address: too large, too.
    if (typeof start !== "number") throw new Failure("unable to allocate memory", errno());
    rest = start;
    restSize = mapped;
  }
  const memory = rest as Pointer;
  rest += needed;
  restSize -= needed;
  return memory;
}

/** Set the byte at `offset` from `memory` to the lowest one of `value`. */
export function store(memory: Pointer, offset: number, value: number): void {
  libc().memset((memory + offset) as Pointer, value & 0xff, 1);
}

/**
 * `text` as a C string. Where bytes matter (arguments, paths) a string holds
 * one byte per character, as in Latin-1.
 */
export function cString(text: string): Pointer {
  const memory = allocate(text.length + 1);
  for (let i = 0; i < text.length; i++) store(memory, i, text.charCodeAt(i));
  return memory;
}

/** Size of an int, in bytes. */
export const INT = 4;

/** `value` as a C int, or an unsigned one, in `memory`. */
export function int(value: number, memory: Pointer = allocate(INT)): Pointer {
  for (let i = 0; i < INT; i++) store(memory, i, value >>> (8 * i));
  return memory;
}

/**
 * write() all of `text`, one byte per character.
 * @returns 0, or the errno of the write that failed.
 */
export function writeAll(fd: number, text: string): number {
  const bytes = cString(text);
  for (let done = 0; done < text.length;) {
    const written = Number(output().write(fd, (bytes + done) as Pointer, text.length - done));
    const error = written >= 0 ? 0 : errno();
    if (error === 0) done += written;
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
