// Prints, as a line, each datagram on the UDP socket that is its descriptor 4: Node.js adopts any but 0.
import { createSocket } from "node:dgram";

const socket = createSocket("udp6");

socket.on("message", (message, { address }) => {
  console.log(`${address}: ${`${message}`.replaceAll(/[\x00-\x1f\x7f]+/g, " ").trim()}`);
});

socket.bind({ fd: 4 });
