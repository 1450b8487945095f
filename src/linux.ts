/** The kernel's constants, each under its header. All of them are the same on x86-64 and arm64. */

// asm-generic/errno-base.h, asm-generic/errno.h
export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EBADF = 9;
export const EACCES = 13;
export const EBUSY = 16;
export const EXDEV = 18;
export const ENODEV = 19;
export const ENOTDIR = 20;
export const EISDIR = 21;
export const EINVAL = 22;
export const EROFS = 30;
export const ENAMETOOLONG = 36;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENOTCONN = 107;

// unistd.h
export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
export const X_OK = 1;

// asm-generic/fcntl.h
export const O_RDONLY = 0o0;
export const O_WRONLY = 0o1;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const F_DUPFD = 0;
export const F_GETFD = 1;
export const F_GETFL = 3;
export const F_SETFL = 4;
// linux/fcntl.h
export const F_DUPFD_CLOEXEC = 1030;
export const AT_FDCWD = -100;
export const AT_SYMLINK_NOFOLLOW = 0x100;
export const AT_EACCESS = 0x200;
export const AT_EMPTY_PATH = 0x1000;

// linux/stat.h
export const STATX_BASIC_STATS = 0x7ff;
export const S_IFMT = 0o170000;
export const S_IFREG = 0o100000;

// asm-generic/resource.h
export const RLIMIT_NOFILE = 7;

// asm-generic/signal.h, asm-generic/signal-defs.h
export const SIGPIPE = 13;
export const SIGXFSZ = 25;
export const SIG_IGN = 1;

// linux/sched.h
export const CLONE_NEWNET = 0x4000_0000;

// linux/limits.h
export const PATH_MAX = 4096;

// linux/time.h
export const CLOCK_MONOTONIC = 1;

// linux/socket.h (AF_*), linux/net.h (SOCK_*)
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const MSG_NOSIGNAL = 0x4000;
// linux/un.h
export const UNIX_PATH_MAX = 108;

// asm-generic/socket.h
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_PRIORITY = 12;
export const SO_REUSEPORT = 15;
export const SO_BINDTODEVICE = 25;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const SO_MARK = 36;
export const SO_PROTOCOL = 38;

// linux/in.h
export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_MPTCP = 262;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_PKTINFO = 8;
export const IP_FREEBIND = 15;
export const IP_TRANSPARENT = 19;

// linux/in6.h
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_TCLASS = 67;
export const IPV6_TRANSPARENT = 75;
export const IPV6_FREEBIND = 78;

// linux/tcp.h
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_DEFER_ACCEPT = 9;
export const TCP_CONGESTION = 13;
export const TCP_USER_TIMEOUT = 18;
export const TCP_FASTOPEN = 23;
