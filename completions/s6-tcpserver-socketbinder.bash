# bash completion for s6-tcpserver-socketbinder; made by scripts/generate.ts from src/command.ts

_s6_tcpserver_socketbinder() {
  # Words as the shell sees them: bash-completion and readline break at = and :, which options and addresses contain.
  local line=${COMP_LINE:0:COMP_POINT} words word i operands=0
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=${words[-1]}
  COMPREPLY=()

  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    case ${words[i]} in
    -b|--backlog|--interface|--keep-alive-time|--keep-alive-interval|--keep-alive-probes|--defer-accept|--fast-open|--congestion|--user-timeout|--receive-buffer|--send-buffer|--priority|--mark|--tos|--ttl|--fd|--fd-name|--report-fd|--report-file|--wait) ((operands == 0)) && ((i++)) ;;
    -?*) ((operands == 0)) || ((operands++)) ;;
    *) ((operands++)) ;;
    esac
    ((operands == 3)) && break
  done

  if ((operands >= 3)); then
    # What follows prog is completed as prog would have it, where bash-completion is there to do so.
    if declare -F _command_offset >/dev/null; then _command_offset "$i"; else COMPREPLY=($(compgen -f -- "$word")); fi
    return
  elif ((operands == 2)); then
    COMPREPLY=($(compgen -c -- "$word"))
    return
  elif ((operands == 1)); then
    return
  fi

  case $word in
    --interface=*) COMPREPLY=($(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "${word#*=}")) ;;
    --congestion=*) COMPREPLY=($(compgen -W "$(cat /proc/sys/net/ipv4/tcp_available_congestion_control 2>/dev/null)" -- "${word#*=}")) ;;
    --report-file=*) compopt -o filenames; COMPREPLY=($(compgen -f -- "${word#*=}")) ;;
    -*)
      COMPREPLY=($(compgen -W "-d -D -M -m -B -b --reuse-address --no-reuse-address --tcp --udp --block --backlog= --dual-stack --mptcp --reuse-port --free-bind --transparent --interface= --no-delay --keep-alive --keep-alive-time= --keep-alive-interval= --keep-alive-probes= --defer-accept= --fast-open= --congestion= --user-timeout= --receive-buffer= --send-buffer= --priority= --mark= --tos= --ttl= --packet-info --broadcast --fd= --listen-fds --fd-name= --report-fd= --report-file= --wait= --help --version" -- "$word"))
      [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
      return
      ;;
    *) COMPREPLY=($(compgen -W "127.0.0.1 0.0.0.0 ::1 ::" -- "$word")) ;;
  esac

  # Readline replaces only what follows the last break.
  local broken=${word%"${word##*[=:]}"}
  [[ $word == --*=* ]] || COMPREPLY=("${COMPREPLY[@]#"$broken"}")
}

complete -F _s6_tcpserver_socketbinder s6-tcpserver-socketbinder
