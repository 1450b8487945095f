#!/bin/sh
# Usage: smoke.sh server [argument...]
#
# Starts an HTTP server that takes a listening socket as its standard input, on
# a port of 127.0.0.1 that the kernel chooses, requests / from it, and ends it.
# The exit code is curl's: 0 for an answer, 22 for an HTTP error, 28 for no answer
# in 10 seconds; the server's, if it ended by itself with another than 0; 1 if it
# ended with 0 before it answered.

set -u
[ $# -gt 0 ] || { echo "usage: $0 server [argument...]" >&2; exit 100; }

finish() {
  status=$?
  trap '' HUP INT TERM
  # A signal may come before the server has a process group, and before its id is in $server.
  server=${server:-${!-}}
  # The client first: it would complain that the server has gone.
  [ -z "$client" ] || kill -TERM "$client" 2>/dev/null
  [ -z "$server" ] || stop "-$server" "$server" $client 2>/dev/null
  rm -rf "$scratch"
  exit "$status"
}

# Ends these processes and process groups: with SIGTERM, after 5 seconds with SIGKILL.
stop() {
  kill -TERM "$@"
  tries=50
  while kill -0 "$1" || kill -0 "$2"; do
    [ "$tries" -gt 0 ] || { kill -KILL "$@"; wait; break; }
    tries=$((tries - 1))
    sleep 0.1
  done
}

# Exits with the server's code if it has ended by itself with another than 0, else with this one.
fail() {
  sleep 0.1
  kill -0 "$server" 2>/dev/null || wait "$server" && exit "$1"
  exit
}

trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
scratch='' server='' client=''
trap finish EXIT
scratch=$(mktemp -d) || exit

# A session of its own, so that also what the server starts can be ended.
setsid s6-tcpserver-socketbinder --report-file="$scratch/address" 127.0.0.1 0 "$@" &
server=$!
until [ -s "$scratch/address" ]; do
  sleep 0.1
  kill -0 "$server" 2>/dev/null || fail 1
done
read -r ip port <"$scratch/address"

# In the background: a signal would have to wait for what is in the foreground.
curl --silent --show-error --fail --noproxy '*' --max-time 10 "http://$ip:$port/" &
client=$!
wait "$client" || fail $?
