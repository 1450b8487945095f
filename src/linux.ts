/**
 * The kernel's constants, each with the header it comes from. All of them are
 * the same on x86-64 and arm64, with glibc and with musl.
 */

// asm-generic/errno-base.h
export const ENOENT = 2;
export const EINTR = 4;
export const EACCES = 13;
export const EPERM = 1;
export const ENOTDIR = 20;
export const EISDIR = 21;

// linux/socket.h (AF_*), linux/net.h (SOCK_*)
export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;

// asm-generic/socket.h
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;

// linux/in.h, linux/in6.h
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
