# bash completion for s6-tcpserver-socketbinder
# Made by scripts/generate.ts from scripts/docs/completion.bash.in and src/command.ts.

_s6_tcpserver_socketbinder() {
  # Readline breaks words at = and : as well, which options and addresses contain.
  local line=${COMP_LINE:0:COMP_POINT} words=() starts=() i
  for ((i = 0; ; i++)); do
    if [[ $i == 0 || $line == [[:space:]]* ]]; then
      line=${line#"${line%%[![:space:]]*}"}
      words+=("")
      starts+=("$i")
    fi
    ((i < COMP_CWORD)) || break
    words[-1]+=${COMP_WORDS[i]}
    line=${line#"${COMP_WORDS[i]}"}
  done
  words[-1]+=$line

  # Of the last word, readline replaces what follows the last break.
  local word=${words[-1]} kept
  kept=${word%"${word##*["$COMP_WORDBREAKS"]}"}

  local last=$((${#words[@]} - 1)) operands=0 ended=''
  for ((i = 1; i < last && operands < 3; i++)); do
    if [[ $operands != 0 || $ended || ${words[i]} != -?* ]]; then
      operands=$((operands + 1))
    elif [[ ${words[i]} == -- ]]; then
      ended=yes
    elif [[ ${words[i]} =~ ^(-[dDMmB]*[b]|--(backlog|interface|netns|wait|fd|fd-name|report-fd|report-file|keep-alive-time|keep-alive-interval|keep-alive-probes|defer-accept|fast-open|congestion|user-timeout|receive-buffer|send-buffer|mark|tos|priority|ttl))$ ]]; then
      i=$((i + 1))
    fi
  done

  if ((operands >= 2)); then
    # prog and its arguments are completed as if they stood alone: bash-completion knows how.
    if declare -F _command_offset >/dev/null; then
      _command_offset "${starts[operands == 2 ? last : i - 1]}"
    elif ((operands == 2)); then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -c -d -- "${word#"$kept"}")
    else
      compopt -o default
    fi
    return
  fi

  local option='' value=$word list=''
  if ((i > last)); then
    option=${words[last - 1]}
  elif [[ $operands == 0 && ! $ended && $word == --*=* ]]; then
    option=${word%%=*} value=${word#*=}
  fi
  case $option in
    --interface) list=$(ls /sys/class/net 2>/dev/null) ;;
    --congestion) list=$(cat /proc/sys/net/ipv4/tcp_available_congestion_control 2>/dev/null) ;;
    --report-file) compopt -o default; return ;;
    ?*) return ;;
    *)
      if ((operands == 1)); then
        return
      elif [[ ! $ended && $word == -* ]]; then
        list="-d --reuse-address -D --no-reuse-address -M --tcp -m --udp -B --block -b --backlog= --dual-stack --mptcp --reuse-port --free-bind --transparent --interface= --netns= --adopt --wait= --fd= --listen-fds --fd-name= --report-fd= --report-file= --notify --no-delay --keep-alive --keep-alive-time= --keep-alive-interval= --keep-alive-probes= --defer-accept= --fast-open= --congestion= --user-timeout= --packet-info --broadcast --receive-buffer= --send-buffer= --timestamps --mark= --tos= --priority= --ttl= --help --version"
      else
        list="127.0.0.1 0.0.0.0 ::1 ::"
      fi
      ;;
  esac

  local candidate
  for candidate in $list; do
    candidate=${word%"$value"}$candidate
    if [[ $candidate == "$word"* ]]; then COMPREPLY+=("${candidate#"$kept"}"); fi
  done
  if [[ ${COMPREPLY-} == *= ]]; then compopt -o nospace; fi
}

complete -F _s6_tcpserver_socketbinder s6-tcpserver-socketbinder
