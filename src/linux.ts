/**
 * The kernel's constants, each with the header it comes from. All of them are
 * the same on x86-64 and arm64, with glibc and with musl. An enum, because its
 * members are numbers wherever they are used, where constants would be variables.
 */
export const enum Linux {
  // asm-generic/errno-base.h, asm-generic/errno.h
  EPERM = 1,
  ENOENT = 2,
  EINTR = 4,
  EBADF = 9,
  EACCES = 13,
  ENOTDIR = 20,
  EISDIR = 21,
  EAFNOSUPPORT = 97,
  EADDRINUSE = 98,
  EADDRNOTAVAIL = 99,

  // asm-generic/fcntl.h
  F_GETFD = 1,
  // linux/fcntl.h
  F_DUPFD_CLOEXEC = 1030,

  // asm-generic/mman-common.h, linux/mman.h
  PROT_READ = 1,
  PROT_WRITE = 2,
  MAP_PRIVATE = 2,
  MAP_ANONYMOUS = 0x20,

  // asm-generic/resource.h
  RLIMIT_NOFILE = 7,

  // asm-generic/signal.h, asm-generic/signal-defs.h
  SIGPIPE = 13,
  SIGXFSZ = 25,
  SIG_IGN = 1,

  // linux/socket.h (AF_*), linux/net.h (SOCK_*)
  AF_INET = 2,
  AF_INET6 = 10,
  SOCK_STREAM = 1,
  SOCK_DGRAM = 2,
  SOCK_NONBLOCK = 0o4000,

  // asm-generic/socket.h
  SOL_SOCKET = 1,
  SO_REUSEADDR = 2,
  SO_BROADCAST = 6,
  SO_SNDBUF = 7,
  SO_RCVBUF = 8,
  SO_KEEPALIVE = 9,
  SO_PRIORITY = 12,
  SO_REUSEPORT = 15,
  SO_BINDTODEVICE = 25,
  SO_MARK = 36,

  // linux/in.h
  IPPROTO_IP = 0,
  IPPROTO_TCP = 6,
  IPPROTO_IPV6 = 41,
  IPPROTO_MPTCP = 262,
  IP_TOS = 1,
  IP_TTL = 2,
  IP_PKTINFO = 8,
  IP_FREEBIND = 15,
  IP_TRANSPARENT = 19,

  // linux/in6.h
  IPV6_UNICAST_HOPS = 16,
  IPV6_V6ONLY = 26,
  IPV6_RECVPKTINFO = 49,
  IPV6_TCLASS = 67,
  IPV6_TRANSPARENT = 75,
  IPV6_FREEBIND = 78,

  // linux/tcp.h
  TCP_NODELAY = 1,
  TCP_KEEPIDLE = 4,
  TCP_KEEPINTVL = 5,
  TCP_KEEPCNT = 6,
  TCP_DEFER_ACCEPT = 9,
  TCP_CONGESTION = 13,
  TCP_USER_TIMEOUT = 18,
  TCP_FASTOPEN = 23,
}
