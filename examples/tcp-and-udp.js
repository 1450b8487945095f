// An echo server for Node.js, on a TCP and a UDP socket of the same port:
//   s6-tcpserver-socketbinder --listen-fds --fd-name=tcp 127.0.0.1 8007 \
//   s6-tcpserver-socketbinder --listen-fds --fd-name=udp -D -m -b0 127.0.0.1 8007 \
//   node tcp-and-udp.js
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const FIRST = 3;
const { LISTEN_PID, LISTEN_FDNAMES = "" } = process.env;
const names = Number(LISTEN_PID) === process.pid ? LISTEN_FDNAMES.split(":") : [];

createServer((connection) => connection.pipe(connection)).listen({ fd: FIRST + names.indexOf("tcp") });

const udp = createSocket("udp4", (message, { port, address }) => udp.send(message, port, address));
udp.bind({ fd: FIRST + names.indexOf("udp") });
