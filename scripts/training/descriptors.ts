/** Which descriptor the socket becomes, which are open, and what was passed before: descriptors.ts, listen-fds.ts. */

import { failing } from "./errors.ts";
import { failed, good, line, refused, type Surroundings } from "./lines.ts";

const closed: readonly (readonly number[])[] = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]];

/** LISTEN_* of a process whose id is that of the fixed machine, with that many descriptors open. */
function passed(count: string, others: readonly string[] = [], pid = "1000"): Surroundings {
  const number = pid === "1000" && /^\d{1,4}$/.test(count) ? Number(count) : 0;
  return {
    environment: ["A=b", `LISTEN_PID=${pid}`, `LISTEN_FDS=${count}`, ...others, "PATH=/usr"],
    open: Array.from({ length: 3 + number }, (_, i) => i),
  };
}

const names = [[], ["LISTEN_FDNAMES="], ["LISTEN_FDNAMES=a"], ["LISTEN_FDNAMES=a:b"], ["LISTEN_FDNAMES=:"]];

export const descriptors = [
  ...closed.flatMap((open) => [
    good("", { open }),
    good("--fd=5", { open }),
    good("--listen-fds", { open }),
    good("--report-file=/report", { open }),
    refused("--ttl=0", { open }),
    failed("--report-fd=7", { open }),
  ]),

  // --fd
  ...[1, 2, 3, 4, 1023].map((fd) => good(`--fd=${fd}`)),
  good("--fd=1", { open: [0, 1, 2, 3, 4] }),
  good("--fd=2 -m -b0"),
  good("--fd=4", { open: [0, 1, 2, 4] }),
  failed("--fd=1024"),
  failed("--fd=2", { failures: failing("fcntl", "EMFILE", 1) }),
  failed("--fd=2", { failures: [...failing("fcntl", "EMFILE", 1), ...failing("write", "EIO")] }),

  // --report-fd
  refused("--report-fd=0"),
  refused("--report-fd=0 --fd=0"),
  good("--report-fd=0 --fd=3"),
  ...[1, 2].map((fd) => good(`--report-fd=${fd}`)),
  ...[1, 2, 5].map((fd) => good(`--report-fd=${fd} --fd=${fd}`, { open: [0, 1, 2, 5] })),
  good("--report-fd=9", { open: [0, 1, 2, 9] }),
  good("--report-fd=3 --listen-fds", { open: [0, 1, 2, 3] }),
  good("--report-fd=0 --listen-fds"),

  // --listen-fds
  good("--listen-fds"),
  good("--listen-fds", { environment: [] }),
  good("--listen-fds --fd=0 --fd-name=web"),
  good("--listen-fds --fd=3"),
  good("--listen-fds --fd=7 -m -b0"),
  good("--listen-fds", { environment: Array.from({ length: 500 }, (_, i) => `V${i}=x`) }),
  good("--listen-fds", { environment: ["LISTEN_PID", "LISTEN_FDS", "LISTEN", "LISTEN_FDNAMES", "=x", ""] }),
  good("--listen-fds", passed("2", ["LISTEN_FDNAMES=a:b"], "999")),
  good("--listen-fds", passed("2", ["LISTEN_PIDFDID=5"], "")),
  good("--listen-fds", { environment: ["LISTEN_PID=1000"] }),
  ...["0", "1", "2", "5"].flatMap((count) =>
    names.flatMap((names) => [
      good("--listen-fds", passed(count, names)),
      good("--listen-fds --fd=0 --fd-name=web", passed(count, [...names, "LISTEN_PIDFDID=7"])),
    ]),
  ),
  ...["10", "100"].map((count) => good("--listen-fds", passed(count))),
  good("--listen-fds", passed("1000")),
  ...["", "x", "-1", "1x", "2147483645", "9".repeat(30)].map((count) => good("--listen-fds", passed(count))),
  failed("--listen-fds", passed("2147483644")),
  failed("--listen-fds", passed("1021")),
  failed("--listen-fds --fd=3", passed("1")),
  failed("--listen-fds --report-fd=3", passed("2")),
  failed("--listen-fds --fd=4", passed("2")),
  good("--listen-fds --fd=5", passed("2")),
  good("--listen-fds --report-fd=5", { ...passed("2"), open: [0, 1, 2, 3, 4, 5] }),
  line(127, ["--listen-fds", "::1", "0", "prog"], passed("1", [`LISTEN_FDNAMES=${"n".repeat(5000)}`])),
  good("--listen-fds", { open: [0, 1, 2, 4, 5, 6] }),
  failed("--listen-fds", { open: [0, 1, 2, 3] }),
  failed("--listen-fds", { ...passed("1"), open: [0, 1, 2, 3, 4] }),
  good("--listen-fds --fd=3", { open: [0, 1, 2, 3] }),
  good("--listen-fds --report-fd=3", { open: [0, 1, 2, 3] }),
];
