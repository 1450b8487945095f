/** A service manager that is told: notify.ts. */

import { fails } from "./failures.ts";
import { CANNOT_EXEC, failed, GOOD, good, line, S_IFREG, SYSTEM, type Surroundings } from "./lines.ts";

/** Who is to be told. */
const manager = (socket: string): Surroundings => ({
  environment: ["A=b", `NOTIFY_SOCKET=${socket}`, "PATH=/usr"],
});
const systemd = manager("/run/systemd/notify");
const notExecutable = { files: { "/file": { mode: S_IFREG | 0o644 } } };

export const notifying = [
  good("--notify", systemd),
  good("--notify", manager("@abstract")),
  good("--notify", manager("@")),
  good("--notify", manager(`/${"n".repeat(106)}`)),
  good("--notify", manager("")),
  good("--notify"),
  good("--notify", { environment: [] }),
  good("--notify --report-fd=1 --report-file=/report", systemd),
  good("--notify --fd=2", systemd),
  ...[[], [0], [2], [0, 1]].map((open) => good("--notify", { ...systemd, open })),
  line(GOOD, ["--notify", "127.0.0.1", "0", "/nonexistent"], systemd),
  line(CANNOT_EXEC, ["--notify", "127.0.0.1", "0", "/file"], { ...systemd, ...notExecutable }),

  failed("--notify", manager("run/notify")),
  failed("--notify", manager("vsock:2:1234")),
  failed("--notify", manager(`/${"n".repeat(107)}`)),
  failed("--notify", manager(`@${"n".repeat(200)}`)),
  ...fails(SYSTEM, "socket", "--notify", { ...systemd, after: 1, errors: "EMFILE ENOBUFS EAFNOSUPPORT" }),
  ...fails(SYSTEM, "sendto", "--notify", systemd),
  ...fails(GOOD, "sendto", "--notify", { ...systemd, errors: "EINTR" }),
  ...fails(SYSTEM, "sendto", "--notify --report-file=/report", { ...systemd, errors: "ECONNREFUSED" }),
];
