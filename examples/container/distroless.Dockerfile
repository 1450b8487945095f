# An image of a server and all that s6-tcpserver-socketbinder needs: five files of distroless base.
#
#   docker build -f examples/container/distroless.Dockerfile -t hello .
#   docker run --rm -p 8080:8080 --read-only hello
#
# distroless base itself has these five (static has none): with it in place of scratch, leave out the first two COPY.
# On arm64: --target linux-arm64, aarch64-linux-gnu in place of x86_64-linux-gnu, and the loader is
# /lib/ld-linux-aarch64.so.1.

FROM node:22-bookworm-slim AS build
WORKDIR /src
COPY . .
RUN npm ci && npm run build -- --target linux-x64

FROM debian:bookworm-slim AS server
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev
COPY examples/container/httpd.c .
RUN gcc -static -Os -o /httpd httpd.c

FROM gcr.io/distroless/base-debian12 AS libc

FROM scratch
COPY --from=libc /lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 /lib64/
COPY --from=libc \
  /lib/x86_64-linux-gnu/libc.so.6 \
  /lib/x86_64-linux-gnu/libdl.so.2 \
  /lib/x86_64-linux-gnu/libm.so.6 \
  /lib/x86_64-linux-gnu/libpthread.so.0 \
  /lib/x86_64-linux-gnu/
COPY --from=build /src/dist/linux-x64/s6-tcpserver-socketbinder /usr/bin/
COPY --from=server /httpd /usr/bin/
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["/usr/bin/s6-tcpserver-socketbinder", "0.0.0.0", "8080", "/usr/bin/httpd"]
