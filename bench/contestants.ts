/** What does the same job: a listening socket as descriptor 0, then /bin/true. */

const perl = `use Socket; close(STDIN); socket(S, PF_INET, SOCK_STREAM, 0) or die;
setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1); bind(S, sockaddr_in(0, inet_aton("127.0.0.1"))) or die;
listen(S, SOMAXCONN) or die; $^F = 2; exec "/bin/true"`;

const python = `import os, socket
os.close(0)
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 0)); s.listen(); s.set_inheritable(True)
os.execv("/bin/true", ["/bin/true"])`;

// Node.js 20 cannot replace its process: the nearest is to start prog on the socket and end with it.
const node = `const server = require("net").createServer().listen(0, "127.0.0.1", () => {
  const child = require("child_process").spawn("/bin/true", { stdio: [server._handle, "inherit", "inherit"] });
  child.on("exit", (code) => process.exit(code));
})`;

export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
}

/** What ours is compared with, together with TRUE: a program that does nothing. */
export const EMPTY = "empty executable, sealed as ours";
export const UNSEALED = "empty executable, as Bun makes it";
export const TRUE = "/bin/true";

/**
 * @param ours our executable. @param empty the empty one. @param unsealed the same as Bun makes it.
 * @param directory for a socket in the file system.
 * @returns those that the machine has; systemd-socket-activate and socat start prog on traffic only, and are not here.
 */
export function contestants(ours: string, empty: string, unsealed: string, directory: string): Contestant[] {
  const all = [
    { name: "ours → /bin/true", command: [ours, "127.0.0.1", "0", "/bin/true"] },
    { name: EMPTY, command: [empty] },
    { name: UNSEALED, command: [unsealed] },
    { name: TRUE, command: ["/bin/true"] },
    { name: "s6-ipcserver-socketbinder (C) → /bin/true", command: sibling(directory, "/bin/true") },
    { name: "perl → /bin/true", command: ["/usr/bin/perl", "-e", perl] },
    { name: "python3 → /bin/true", command: ["/usr/bin/python3", "-c", python] },
    { name: "node + /bin/true", command: [Bun.which("node") ?? "/usr/bin/node", "-e", node] },
    { name: "ours, wrong ip", command: [ours, "localhost", "0", "/bin/true"] },
    { name: "ours, no prog", command: [ours, "127.0.0.1", "0", "/nonexistent"] },
  ];
  return all.filter(({ command: [program] }) => Bun.file(program!).size > 0);
}

/** The nearest relative of ours in C that Debian has: for sockets in the file system, otherwise alike. */
export function sibling(directory: string, ...prog: string[]): string[] {
  return ["/usr/bin/s6-ipcserver-socketbinder", `${directory}/socket`, ...prog];
}
