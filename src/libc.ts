import { dlopen, FFIType, read, type FFIFunction, type Library, type Pointer } from "bun:ffi";

/**
 * What the program calls, each with its prototype. Sizes and addresses come back as numbers:
 * "usize" and "i64" would make a BigInt of each, which is memory that nothing frees.
 */
const functions = {
  /** int *__errno_location(void) */
  __errno_location: { args: [], returns: "ptr" },
  /** void *dlsym(void *handle, const char *symbol) */
  dlsym: { args: ["ptr", "ptr"], returns: "ptr" },
  /** long syscall(long number, ...) */
  syscall: { args: ["i32", "i32"], returns: FFIType.i64_fast },
  /** void _exit(int status) */
  _exit: { args: ["i32"], returns: "void" },
  /** int execve(const char *path, char *const argv[], char *const envp[]) */
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },

  /** size_t strlen(const char *s) */
  strlen: { args: ["ptr"], returns: FFIType.i64_fast },
  /** int strncmp(const char *s1, const char *s2, size_t n) */
  strncmp: { args: ["ptr", "ptr", "usize"], returns: "i32" },
  /** char *strchr(const char *s, int c) */
  strchr: { args: ["ptr", "i32"], returns: "ptr" },
  /** size_t strcspn(const char *s, const char *reject) */
  strcspn: { args: ["ptr", "ptr"], returns: FFIType.i64_fast },
  /** void *memcpy(void *dest, const void *src, size_t n) */
  memcpy: { args: ["ptr", "ptr", "usize"], returns: "ptr" },
  /** char *getenv(const char *name): by getenv() of entry.ts, since environ is that of the build until then */
  getenv: { args: ["ptr"], returns: "ptr" },
  /** char *strerror(int errnum) */
  strerror: { args: ["i32"], returns: "ptr" },
  /** size_t confstr(int name, char *buf, size_t size) */
  confstr: { args: ["i32", "ptr", "usize"], returns: FFIType.i64_fast },

  /** int socket(int domain, int type, int protocol) */
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  /** int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen) */
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  /** int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen) */
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  /** int bind(int fd, const struct sockaddr *addr, socklen_t addrlen) */
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  /** int listen(int fd, int backlog) */
  listen: { args: ["i32", "i32"], returns: "i32" },
  /** ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *addr, socklen_t addrlen) */
  sendto: { args: ["i32", "ptr", "usize", "i32", "ptr", "u32"], returns: FFIType.i64_fast },
  /** int getsockname(int fd, struct sockaddr *addr, socklen_t *addrlen) */
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  /** int getpeername(int fd, struct sockaddr *addr, socklen_t *addrlen) */
  getpeername: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  /** int inet_pton(int af, const char *src, void *dst) */
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  /** const char *inet_ntop(int af, const void *src, char *dst, socklen_t size) */
  inet_ntop: { args: ["i32", "ptr", "ptr", "u32"], returns: "ptr" },
  /** unsigned int if_nametoindex(const char *ifname) */
  if_nametoindex: { args: ["ptr"], returns: "u32" },

  /** ssize_t read(int fd, void *buf, size_t count) */
  read: { args: ["i32", "ptr", "usize"], returns: FFIType.i64_fast },
  /** ssize_t write(int fd, const void *buf, size_t count) */
  write: { args: ["i32", "ptr", "usize"], returns: FFIType.i64_fast },
  /** int close(int fd) */
  close: { args: ["i32"], returns: "i32" },
  /** int dup2(int oldfd, int newfd) */
  dup2: { args: ["i32", "i32"], returns: "i32" },
  /** int fcntl(int fd, int op, ...) */
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  /** int open(const char *path, int flags, mode_t mode) */
  open: { args: ["ptr", "i32", "u32"], returns: "i32" },
  /** int faccessat(int dirfd, const char *path, int mode, int flags) */
  faccessat: { args: ["i32", "ptr", "i32", "i32"], returns: "i32" },
  /** int fchmod(int fd, mode_t mode) */
  fchmod: { args: ["i32", "u32"], returns: "i32" },
  /** int fchown(int fd, uid_t owner, gid_t group) */
  fchown: { args: ["i32", "u32", "u32"], returns: "i32" },
  /** int ftruncate(int fd, off_t length) */
  ftruncate: { args: ["i32", "i64"], returns: "i32" },
  /** ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count) */
  sendfile: { args: ["i32", "i32", "ptr", "usize"], returns: FFIType.i64_fast },
  /** char *realpath(const char *path, char *resolved_path) */
  realpath: { args: ["ptr", "ptr"], returns: "ptr" },
  /** int fsync(int fd) */
  fsync: { args: ["i32"], returns: "i32" },
  /** int rename(const char *oldpath, const char *newpath) */
  rename: { args: ["ptr", "ptr"], returns: "i32" },
  /** int unlink(const char *path) */
  unlink: { args: ["ptr"], returns: "i32" },
  /** int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *statxbuf) */
  statx: { args: ["i32", "ptr", "i32", "u32", "ptr"], returns: "i32" },

  /** pid_t getpid(void) */
  getpid: { args: [], returns: "i32" },
  /** int setns(int fd, int nstype) */
  setns: { args: ["i32", "i32"], returns: "i32" },
  /** int getrlimit(int resource, struct rlimit *rlim) */
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
  /** ssize_t getrandom(void *buf, size_t buflen, unsigned int flags) */
  getrandom: { args: ["ptr", "usize", "u32"], returns: FFIType.i64_fast },
  /** sighandler_t signal(int signum, sighandler_t handler) */
  signal: { args: ["i32", "ptr"], returns: "ptr" },
  /** int clock_gettime(clockid_t clockid, struct timespec *tp) */
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  /** int usleep(useconds_t usec) */
  usleep: { args: ["u32"], returns: "i32" },
} as const satisfies Record<string, FFIFunction>;

/** A BigInt comes back for what is beyond 2^53, as no size is. */
type Functions = {
  readonly [Name in keyof typeof functions]: Call<Library<typeof functions>["symbols"][Name]>;
};
type Call<F> = F extends (...args: infer Args) => infer Result
  ? (...args: Args) => Result extends number | bigint ? Exclude<Result, bigint> : Result
  : never;

/** The functions of libc. glibc goes by this name, and musl's dlopen() takes it for its own. */
export const libc = dlopen("libc.so.6", functions).symbols as unknown as Functions;

/** Where libc keeps errno. Known before anything can fail: see errno(). */
const errnoLocation = libc.__errno_location() as Pointer;

/**
 * The errno of the call just made. Nothing may come in between: not another
 * call, and not work of the engine's own (compiling, collecting garbage), whose
 * system calls change it. So it is read from memory, without a call.
 */
export function errno(): number {
  return read.i32(errnoLocation, 0);
}
