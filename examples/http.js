// A small HTTP server for Node.js on the listening socket that is its standard input.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  response.end(`${request.method} ${request.url}, served on a socket that was already there\n`);
});

server.listen({ fd: 0 }, () => {
  const { address, family, port } = server.address();
  console.log(`http://${family === "IPv6" ? `[${address}]` : address}:${port}/`);
});
