// A small HTTP server on the listening socket that is its standard input.
import { createServer } from "node:http";
import { createServer as createListener } from "node:net";

const http = createServer((request, response) => {
  response.end(`${request.method} ${request.url}, on a socket that was there before this server\n`);
});

// With Node.js, http.listen({ fd: 0 }) would do; Bun's adopts a listener by node:net only.
const listener = createListener((connection) => http.emit("connection", connection));

listener.listen({ fd: 0 }, () => {
  const { address, family, port } = listener.address();
  console.log(`http://${family === "IPv6" ? `[${address}]` : address}:${port}/`);
});
