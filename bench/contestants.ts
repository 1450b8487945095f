/** What does the same job: a listening socket as descriptor 0, then /bin/true. */

const perl = `use Socket; close(STDIN); socket(S, PF_INET, SOCK_STREAM, 0) or die;
setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in(0, inet_aton("127.0.0.1"))) or die;
listen(S, SOMAXCONN) or die; $^F = 2; exec "/bin/true"`;

const python = `import os, socket
os.close(0)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0)); s.listen(); s.set_inheritable(True)
os.execv("/bin/true", ["/bin/true"])`;

// Node.js before 22.15 cannot replace its process: the nearest is to start prog on the socket and end with it.
const node = `const server = require("net").createServer().listen(0, "127.0.0.1", () => {
  const child = require("child_process").spawn("/bin/true", { stdio: [server._handle, "inherit", "inherit"] });
  child.on("exit", (code) => process.exit(code));
})`;

export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
}

/** The programs that are copied anew again and again. */
export interface Programs {
  readonly ours: string;
  /** The same file, but read back by page faults after the page cache had forgotten it. */
  readonly readBack: string;
  /** bench/binder.c */
  readonly c: string;
}

const prog = ["127.0.0.1", "0", "/bin/true"];

/** Those that the machine has. systemd-socket-activate and socat start prog on traffic only, and are not here. */
export function contestants({ ours, readBack, c }: Programs): Contestant[] {
  const all = [
    { name: "C", command: [c, ...prog] },
    { name: "ours", command: [ours, ...prog] },
    { name: "ours, read back from the disk", command: [readBack, ...prog] },
    { name: "ours, long options", command: [ours, "-D", "-b5", "--keep-alive", "--report-fd=2", ...prog] },
    { name: "/bin/true alone", command: ["/bin/true"] },
    { name: "perl", command: ["/usr/bin/perl", "-e", perl] },
    { name: "python3", command: ["/usr/bin/python3", "-c", python] },
    { name: "node", command: [Bun.which("node") ?? "/usr/bin/node", "-e", node] },
    { name: "ours, wrong ip", command: [ours, "localhost", "0", "/bin/true"] },
    { name: "ours, no prog", command: [ours, "127.0.0.1", "0", "/nonexistent"] },
  ];
  return all.filter(({ command: [program] }) => Bun.file(program!).size > 0);
}
