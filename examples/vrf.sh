#!/bin/sh
# Serves the VRF "blue": who comes through eth1 is answered, and nobody else. Its routes are those of table 10.
# Usage: vrf.sh node http.js
set -e
ip link add blue type vrf table 10
ip link set blue up
ip link set eth1 master blue
exec s6-tcpserver-socketbinder --interface=blue 0.0.0.0 80 "$@"
