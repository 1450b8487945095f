# An image to copy the executable from, with the licences of what is in it:
#
#   COPY --from=IMAGE /s6-tcpserver-socketbinder /usr/local/bin/
#
# npm run packages lays out what it holds, for amd64 and for arm64:
#
#   npm run packages && docker build -f Dockerfile dist/packages

FROM scratch
ARG TARGETARCH
COPY image/${TARGETARCH}/ /
ENTRYPOINT ["/s6-tcpserver-socketbinder"]
