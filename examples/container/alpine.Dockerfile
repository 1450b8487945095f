# An image of a server and all that s6-tcpserver-socketbinder needs: three files of Alpine.
#
#   docker build -f examples/container/alpine.Dockerfile -t hello .
#   docker run --rm -p 8080:8080 --read-only hello
#
# On alpine itself: `apk add libstdc++`, and leave out the first two COPY.
# On arm64: --target linux-arm64-musl, and the loader is /lib/ld-musl-aarch64.so.1.

FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build -- --target linux-x64-musl

FROM alpine:3.20 AS server
RUN apk add --no-cache gcc musl-dev
COPY examples/container/httpd.c .
RUN gcc -static -Os -o /httpd httpd.c

FROM alpine:3.20 AS libc
RUN apk add --no-cache libstdc++

FROM scratch
COPY --from=libc /lib/ld-musl-x86_64.so.1 /lib/
COPY --from=libc /usr/lib/libgcc_s.so.1 /usr/lib/libstdc++.so.6 /usr/lib/
COPY --from=build /src/dist/linux-x64-musl/s6-tcpserver-socketbinder /usr/bin/
COPY --from=server /httpd /usr/bin/
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["/usr/bin/s6-tcpserver-socketbinder", "0.0.0.0", "8080", "/usr/bin/httpd"]
