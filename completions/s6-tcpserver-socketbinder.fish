# fish completion for s6-tcpserver-socketbinder
# Made by scripts/generate.ts from scripts/docs/completion.fish.in and src/command.ts.

# The operands in front of the word that is being typed.
function _s6_tcpserver_socketbinder_operands
    set -l words (commandline -opc)
    argparse -s d/reuse-address D/no-reuse-address M/tcp m/udp B/block b/backlog= dual-stack mptcp reuse-port free-bind transparent interface= netns= adopt wait= fd= listen-fds fd-name= report-fd= report-file= notify no-delay keep-alive keep-alive-time= keep-alive-interval= keep-alive-probes= defer-accept= fast-open= congestion= user-timeout= packet-info broadcast receive-buffer= send-buffer= timestamps mark= tos= priority= ttl= help version -- $words[2..] 2>/dev/null
    and string join -- \n $argv
end

# Whether that many operands are there.
function _s6_tcpserver_socketbinder
    test (count (_s6_tcpserver_socketbinder_operands)) -eq $argv[1]
end

# prog and its arguments are completed as if they stood alone.
function _s6_tcpserver_socketbinder_prog
    set -l operands (_s6_tcpserver_socketbinder_operands) (commandline -ct)
    __fish_complete_subcommand --commandline $operands[3..]
end

complete -c s6-tcpserver-socketbinder -f
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s d -l reuse-address -d 'allow instant rebinding to the same address and port, and for UDP sharing them; the default (SO_REUSEADDR)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s D -l no-reuse-address -d 'disallow instant rebinding to the same address and port, and for UDP sharing them'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s M -l tcp -d 'create a TCP socket, the default'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s m -l udp -d 'create a UDP socket; give -b0, since it cannot listen, and -D, since a second socket could take its datagrams'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s B -l block -d 'create a blocking socket; the default is a non-blocking one'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -s b -l backlog -x -d 'queue at most N connections; the default is the system\'s maximum, and 0 means not to listen'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l dual-stack -d 'take IPv4 connections on an IPv6 socket, too; without IPv6, :: becomes 0.0.0.0'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l mptcp -d 'create a Multipath TCP socket'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l reuse-port -d 'share the port with other sockets that set this (SO_REUSEPORT)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l free-bind -d 'bind to an address that the machine does not have, or not yet (IP_FREEBIND)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l transparent -d 'take traffic for addresses of others, as a transparent proxy does (IP_TRANSPARENT)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l interface -xa '(ls /sys/class/net | string split \' \')' -d 'use this network interface only (SO_BINDTODEVICE)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l netns -x -d 'make the socket in this network namespace, such as /run/netns/NAME or /proc/PID/ns/net; prog stays in ours'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l adopt -d 'if LISTEN_FDS passes a socket with this protocol, ip and port (0 for any), take it instead of making one'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l wait -x -d 'retry for up to SECONDS while the address, its interface or its namespace is missing, or the address is in use (for UDP only with -D)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l fd -x -d 'make the socket descriptor N instead of 0; one that is open is replaced'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l listen-fds -d 'pass the socket as LISTEN_FDS does, as the next descriptor from 3 up, and as 0 only with --fd=0'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l fd-name -x -d 'with --listen-fds, its name in LISTEN_FDNAMES; the default is unknown, or what an adopted one had'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l report-fd -x -d 'write ip and port to descriptor N once the socket is ready, and close it unless it is 0, 1 or 2'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l report-file -rF -d 'write ip and port to this file once the socket is ready; a regular file is replaced'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l notify -d 'once the socket is ready, send READY=1 to NOTIFY_SOCKET if that is set, for Type=notify of systemd'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l no-delay -d 'send small segments at once (TCP_NODELAY)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l keep-alive -d 'probe idle connections (SO_KEEPALIVE)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l keep-alive-time -x -d 'start to probe after S idle seconds, 1 to 32767 (TCP_KEEPIDLE)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l keep-alive-interval -x -d 'probe every S seconds, 1 to 32767 (TCP_KEEPINTVL)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l keep-alive-probes -x -d 'close after N unanswered probes, 1 to 127 (TCP_KEEPCNT)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l defer-accept -x -d 'let prog accept a connection once it has data, or after about S seconds (TCP_DEFER_ACCEPT)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l fast-open -x -d 'queue at most N connections with data in their SYN, where net.ipv4.tcp_fastopen allows it (TCP_FASTOPEN)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l congestion -xa '(cat /proc/sys/net/ipv4/tcp_available_congestion_control | string split \' \')' -d 'use this congestion control algorithm (TCP_CONGESTION)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l user-timeout -x -d 'close a connection whose data stays unacknowledged for MS milliseconds (TCP_USER_TIMEOUT)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l packet-info -d 'say with each datagram where it arrived (IP_PKTINFO, IPV6_RECVPKTINFO)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l broadcast -d 'allow sending to a broadcast address of IPv4 (SO_BROADCAST)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l receive-buffer -x -d 'ask for a receive buffer of this size, such as 8M; past net.core.rmem_max takes CAP_NET_ADMIN (SO_RCVBUF)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l send-buffer -x -d 'ask for a send buffer of this size, such as 8M; past net.core.wmem_max takes CAP_NET_ADMIN (SO_SNDBUF)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l timestamps -d 'say with what is received when it arrived, in nanoseconds (SO_TIMESTAMPNS)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l mark -x -d 'set the netfilter mark of outgoing packets (SO_MARK)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l tos -x -d 'set the type of service or traffic class, 0 to 255, a multiple of 4 for TCP (IP_TOS, IPV6_TCLASS)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l priority -x -d 'set the priority of outgoing packets; above 6 takes CAP_NET_ADMIN (SO_PRIORITY)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l ttl -x -d 'set the time to live or hop limit, 1 to 255 (IP_TTL, IPV6_UNICAST_HOPS)'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l help -d 'print this text and exit'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -l version -d 'print the version and exit'
complete -c s6-tcpserver-socketbinder -n '_s6_tcpserver_socketbinder 0' -a '127.0.0.1 0.0.0.0 ::1 ::'
complete -c s6-tcpserver-socketbinder -n 'not _s6_tcpserver_socketbinder 0; and not _s6_tcpserver_socketbinder 1' -xa '(_s6_tcpserver_socketbinder_prog)'
