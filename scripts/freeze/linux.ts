/** The kernel's constants, each under its header. What differs by architecture is in x64.ts and arm64.ts. */

// asm-generic/errno-base.h, asm-generic/errno.h
export const ENOENT = 2;
export const EINTR = 4;
export const EBADF = 9;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EEXIST = 17;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const ENOTTY = 25;
export const ENOSYS = 38;
export const ENOTSOCK = 88;
export const ENOTCONN = 107;

// asm-generic/fcntl.h
export const O_ACCMODE = 3;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_CLOEXEC = 0o2000000;
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_GETFL = 3;
export const F_SETFL = 4;
// linux/fcntl.h
export const F_DUPFD_CLOEXEC = 1030;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EMPTY_PATH = 0x1000;

// linux/fs.h
export const SEEK_SET = 0;
export const SEEK_CUR = 1;

// linux/stat.h
export const S_IFMT = 0o170000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;

// unistd.h
export const X_OK = 1;

// linux/uio.h
export const IOV_MAX = 1024;

// asm-generic/mman-common.h
export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;
export const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_FIXED_NOREPLACE = 0x100000;
// linux/mman.h
export const MAP_PRIVATE = 2;
export const MREMAP_MAYMOVE = 1;

// asm-generic/signal.h, asm-generic/signal-defs.h
export const SIGILL = 4;
export const SIGTRAP = 5;
export const SIGBUS = 7;
export const SIGKILL = 9;
export const SIGSEGV = 11;
export const SIGXCPU = 24;
export const SA_SIGINFO = 4n;
export const SA_NODEFER = 0x40000000n;

// asm-generic/resource.h
export const RLIMIT_CPU = 0;
export const RLIMIT_STACK = 3;
export const RLIMIT_NOFILE = 7;

// linux/futex.h
export const FUTEX_WAKE = 1;
export const FUTEX_CMD_MASK = 0x7f;

// linux/wait.h
export const __WALL = 0x40000000;

// linux/ptrace.h
export const PTRACE_CONT = 7;
export const PTRACE_SYSCALL = 24;
export const PTRACE_SYSEMU = 31;
export const PTRACE_GETSIGINFO = 0x4202;
export const PTRACE_GETREGSET = 0x4204;
export const PTRACE_SETREGSET = 0x4205;
export const PTRACE_SEIZE = 0x4206;
export const PTRACE_O_TRACESYSGOOD = 1;
export const PTRACE_O_TRACEEXEC = 1 << 4;
export const PTRACE_O_EXITKILL = 1 << 20;
export const PTRACE_EVENT_EXEC = 4;

// linux/elf.h
export const NT_PRSTATUS = 1;
export const NT_PRFPREG = 2;
export const NT_ARM_TLS = 0x401;

// linux/auxvec.h
export const AT_PHDR = 3;
export const AT_PHENT = 4;
export const AT_PHNUM = 5;
export const AT_PAGESZ = 6;
export const AT_BASE = 7;
export const AT_ENTRY = 9;
export const AT_UID = 11;
export const AT_EUID = 12;
export const AT_GID = 13;
export const AT_EGID = 14;
export const AT_PLATFORM = 15;
export const AT_HWCAP = 16;
export const AT_CLKTCK = 17;
export const AT_SECURE = 23;
export const AT_RANDOM = 25;
export const AT_HWCAP2 = 26;
export const AT_EXECFN = 31;

// asm-generic/socket.h
export const SO_PROTOCOL = 38;
// linux/net.h
export const SOCK_STREAM = 1;
export const SOCK_TYPE_MASK = 0xf;
// linux/in.h
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
// linux/sockios.h, linux/if.h
export const SIOCGIFINDEX = 0x8933;
export const IFNAMSIZ = 16;
