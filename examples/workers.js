// A UDP socket for each worker, as QUIC needs it: the kernel sends all that comes from one client to the same one.
//   s6-tcpserver-socketbinder --listen-fds --reuse-port -m -b0 127.0.0.1 8443 \
//   s6-tcpserver-socketbinder --listen-fds --reuse-port -m -b0 127.0.0.1 8443 \
//   node workers.js
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { createSocket } from "node:dgram";

const FIRST = 3;
const { LISTEN_PID, LISTEN_FDS = "0" } = process.env;

if (Number(LISTEN_PID) === process.pid) {
  // Each worker gets its socket, as descriptor 3, and nobody else keeps it.
  for (let fd = FIRST; fd < FIRST + Number(LISTEN_FDS); fd++) {
    const stdio = ["ignore", "inherit", "inherit", fd];
    spawn(process.execPath, process.argv.slice(1), { stdio });
    closeSync(fd);
  }
} else {
  const socket = createSocket("udp4", (_, { port, address }) =>
    socket.send(`worker ${process.pid}`, port, address),
  );
  socket.bind({ fd: FIRST });
}
