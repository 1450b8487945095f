# fish completion for s6-tcpserver-socketbinder; made by scripts/generate.ts from src/command.ts

# The operands on the command line, without the word that is being typed.
function _s6_tcpserver_socketbinder_operands
    set -l words (commandline -opc)[2..]
    argparse -s 'd/reuse-address' 'D/no-reuse-address' 'M/tcp' 'm/udp' 'B/block' 'b/backlog=' 'dual-stack' 'mptcp' 'reuse-port' 'free-bind' 'transparent' 'interface=' 'no-delay' 'keep-alive' 'keep-alive-time=' 'keep-alive-interval=' 'keep-alive-probes=' 'defer-accept=' 'fast-open=' 'congestion=' 'user-timeout=' 'receive-buffer=' 'send-buffer=' 'priority=' 'mark=' 'tos=' 'ttl=' 'packet-info' 'broadcast' 'fd=' 'listen-fds' 'fd-name=' 'report-fd=' 'report-file=' 'wait=' 'help' 'version' -- $words 2>/dev/null
    count $argv
end

function _s6_tcpserver_socketbinder_options
    test (_s6_tcpserver_socketbinder_operands) -eq 0
end

complete -c s6-tcpserver-socketbinder -f
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s d -l reuse-address -d 'allow instant rebinding to the same address and port: SO_REUSEADDR (default)'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s D -l no-reuse-address -d 'disallow instant rebinding to the same address and port'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s M -l tcp -d 'create a TCP socket (default)'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s m -l udp -d 'create a UDP socket; goes with -b0, since a UDP socket cannot listen'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s B -l block -d 'create a blocking socket (default: non-blocking)'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -s b -l backlog -r -d 'queue at most N connections (default: as many as the system allows); 0: do not listen'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l dual-stack -d 'let an IPv6 socket take IPv4 connections, too; :: becomes 0.0.0.0 where there is no IPv6'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l mptcp -d 'create a Multipath TCP socket'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l reuse-port -d 'share the port with other sockets that have this set: SO_REUSEPORT'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l free-bind -d 'bind to an address that the machine does not have (yet): IP_FREEBIND'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l transparent -d 'accept what is for other addresses, as a transparent proxy: IP_TRANSPARENT'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l interface -r -a '(ls /sys/class/net | string split \' \')' -d 'use this network interface only: SO_BINDTODEVICE'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l no-delay -d 'send small segments at once: TCP_NODELAY'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l keep-alive -d 'probe connections that are idle: SO_KEEPALIVE'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l keep-alive-time -r -d 'probe after S seconds, 1 to 32767: TCP_KEEPIDLE'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l keep-alive-interval -r -d 'leave S seconds between probes, 1 to 32767: TCP_KEEPINTVL'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l keep-alive-probes -r -d 'give up after N probes, 1 to 127: TCP_KEEPCNT'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l defer-accept -r -d 'accept a connection when data comes, waiting about S seconds: TCP_DEFER_ACCEPT'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l fast-open -r -d 'queue at most N connections that bring data in their SYN: TCP_FASTOPEN'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l congestion -r -a '(cat /proc/sys/net/ipv4/tcp_available_congestion_control | string split \' \')' -d 'use this congestion control algorithm: TCP_CONGESTION'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l user-timeout -r -d 'close when data stays unacknowledged for MS milliseconds: TCP_USER_TIMEOUT'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l receive-buffer -r -d 'set the size of the receive buffer, which the kernel doubles: SO_RCVBUF'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l send-buffer -r -d 'set the size of the send buffer, which the kernel doubles: SO_SNDBUF'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l priority -r -d 'set the priority of outgoing packets; above 6 is for root: SO_PRIORITY'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l mark -r -d 'set the netfilter mark of outgoing packets: SO_MARK'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l tos -r -d 'set the type of service or traffic class, 0 to 255: IP_TOS, IPV6_TCLASS'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l ttl -r -d 'set the time to live or hop limit, 1 to 255: IP_TTL, IPV6_UNICAST_HOPS'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l packet-info -d 'tell with each datagram where it arrived: IP_PKTINFO, IPV6_RECVPKTINFO'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l broadcast -d 'allow sending to a broadcast address (IPv4): SO_BROADCAST'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l fd -r -d 'make the socket descriptor N instead of 0'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l listen-fds -d 'announce the socket in LISTEN_FDS, as the next descriptor from 3 up; stdin only with --fd=0'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l fd-name -r -d 'its name in LISTEN_FDNAMES (default: unknown); goes with --listen-fds'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l report-fd -r -d 'when the socket is ready, write its ip and port to descriptor N, and close it'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l report-file -r -F -d 'when the socket is ready, write its ip and port to this file'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l wait -r -d 'try again for so long while the address is in use or not there'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l help -d 'print this text and exit'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -l version -d 'print the version and exit'
complete -c s6-tcpserver-socketbinder -n _s6_tcpserver_socketbinder_options -a '127.0.0.1 0.0.0.0 ::1 ::'
complete -c s6-tcpserver-socketbinder -n 'test (_s6_tcpserver_socketbinder_operands) -ge 2' -x -a '(__fish_complete_subcommand --fcs-skip=3)'
