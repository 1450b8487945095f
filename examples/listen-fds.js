// HTTP servers for Node.js on the sockets that LISTEN_FDS announces, each known by its name:
//   s6-tcpserver-socketbinder --listen-fds --fd-name=public :: 8080 \
//   s6-tcpserver-socketbinder --listen-fds --fd-name=admin 127.0.0.1 8081 \
//   node listen-fds.js
import { createServer } from "node:http";

const FIRST = 3;
const { LISTEN_PID, LISTEN_FDS = "0", LISTEN_FDNAMES = "" } = process.env;
const count = Number(LISTEN_PID) === process.pid ? Number(LISTEN_FDS) : 0;
const names = LISTEN_FDNAMES.split(":").slice(0, count);

const answers = {
  public: () => "Welcome\n",
  admin: () => `Up for ${process.uptime().toFixed(1)} seconds\n`,
};

for (const [i, name] of names.entries()) {
  const answer = answers[name];
  if (!answer) throw new Error(`no server for a socket named ${name}`);
  createServer((_, response) => response.end(answer())).listen({ fd: FIRST + i });
}
