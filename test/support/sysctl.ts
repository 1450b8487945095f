/** What the kernel is set to, below /proc/sys/net: by where a file is, without that beginning. */

import { readFileSync } from "node:fs";

/** The file, for `testWith`: a kernel, or a sandbox, need not have it. */
export const sysctlFile = (path: string) => `/proc/sys/net/${path}`;

/** The words in it. */
export const sysctl = (path: string) => readFileSync(sysctlFile(path), "utf8").trim().split(/\s+/);

/** The number in it, or one of several. */
export const sysctlNumber = (path: string, field = 0) => Number(sysctl(path)[field]);
