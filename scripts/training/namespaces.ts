/** Network namespaces: netns.ts. */

import { failing } from "./errors.ts";
import { fails } from "./failures.ts";
import { failed, GOOD, good, line, PROG, refused, S_IFREG, SYSTEM, type Surroundings } from "./lines.ts";

const OURS = "/proc/self/ns/net";
const BLUE = "--netns=/run/netns/blue";

/** Both are there. */
const there: Surroundings = {
  files: { [OURS]: { mode: S_IFREG }, "/run/netns/blue": { mode: S_IFREG } },
};
const onlyOurs: Surroundings = { files: { [OURS]: { mode: S_IFREG } } };

export const namespaces = [
  good(BLUE, there),
  good(`${BLUE} --fd=5 --interface=lo`, there),
  good(`${BLUE} --listen-fds`, there),
  good(`${BLUE} --report-fd=2`, there),
  ...[[], [0], [1], [2], [0, 1], [1, 2]].map((open) => good(BLUE, { ...there, open })),
  line(GOOD, [BLUE, "fe80::1%lo", "80", ...PROG], there),
  line(GOOD, [BLUE, "--adopt", "fe80::1%7", "80", ...PROG], there),
  good(`${BLUE} --adopt`, { ...there, environment: [] }),
  refused("--netns="),

  failed(BLUE),
  failed(BLUE, onlyOurs),
  failed(BLUE, { ...there, failures: failing("setns", "EINVAL") }),
  failed("--netns=blue", onlyOurs),
  failed(`${BLUE} --wait=0.02`, onlyOurs),
  ...fails(SYSTEM, "open", BLUE, there),
  ...fails(SYSTEM, "open", BLUE, { ...there, after: 1 }),
  ...fails(SYSTEM, "setns", BLUE, there),
  ...fails(SYSTEM, "setns", BLUE, { ...there, errors: "EINVAL" }),
  ...fails(SYSTEM, "setns", BLUE, { ...there, after: 1 }),
  ...fails(SYSTEM, "fcntl", BLUE, { ...there, open: [1, 2], after: 1, errors: "EMFILE" }),
  ...["ENOENT", "EINVAL"].map((error) =>
    good(`${BLUE} --wait=9`, {
      ...there,
      failures: error === "EINVAL" ? failing("setns", "EINVAL") : failing("open", error, 1),
    }),
  ),
  good(`${BLUE} --wait=9`, { ...there, failures: failing("bind", "EADDRNOTAVAIL") }),
];
