import { name } from "../package.json";
import { documented, valuesOf } from "./option-table.ts";

const addresses = ["127.0.0.1", "0.0.0.0", "::1", "::"];
const header = "made by scripts/generate.ts from src/command.ts";
const functionName = `_${name.replaceAll("-", "_")}`;

export function bashCompletion(): string {
  const letters = (valued: boolean) =>
    documented.flatMap(({ letter, value }) => (letter && valued === Boolean(value) ? [letter] : [])).join("");
  const valued = documented.flatMap(({ name, value }) => (value ? [name] : []));
  const options = documented.flatMap(({ name, letter, value }) => [
    ...(letter ? [`-${letter}`] : []),
    `--${name}${value ? "=" : ""}`,
  ]);
  const sources = Object.entries(valuesOf).map(([option, source]) =>
    source === "file"
      ? `    --${option}) compopt -o default; return ;;\n`
      : `    --${option}) list=$(${source.shell} 2>/dev/null) ;;\n`,
  );
  return `# bash completion for ${name}; ${header}

${functionName}() {
  # Readline breaks words at = and :, too, which options and addresses contain.
  local line=\${COMP_LINE:0:COMP_POINT} words=() starts=() i
  for ((i = 0; ; i++)); do
    if [[ $i == 0 || $line == [[:space:]]* ]]; then
      line=\${line#"\${line%%[![:space:]]*}"}
      words+=("")
      starts+=("$i")
    fi
    ((i < COMP_CWORD)) || break
    words[-1]+=\${COMP_WORDS[i]}
    line=\${line#"\${COMP_WORDS[i]}"}
  done
  words[-1]+=$line

  # Of the last word, readline replaces what follows the last break.
  local word=\${words[-1]} kept
  kept=\${word%"\${word##*["$COMP_WORDBREAKS"]}"}

  local last=$((\${#words[@]} - 1)) operands=0 ended=''
  for ((i = 1; i < last && operands < 3; i++)); do
    if [[ $operands != 0 || $ended || \${words[i]} != -?* ]]; then
      operands=$((operands + 1))
    elif [[ \${words[i]} == -- ]]; then
      ended=yes
    elif [[ \${words[i]} =~ ^(-[${letters(false)}]*[${letters(true)}]|--(${valued.join("|")}))$ ]]; then
      i=$((i + 1))
    fi
  done

  if ((operands >= 2)); then
    # prog and its arguments, as without us in front of them: bash-completion knows how.
    if declare -F _command_offset >/dev/null; then
      _command_offset "\${starts[operands == 2 ? last : i - 1]}"
    elif ((operands == 2)); then
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -c -d -- "\${word#"$kept"}")
    else
      compopt -o default
    fi
    return
  fi

  local option='' value=$word list=''
  if ((i > last)); then
    option=\${words[last - 1]}
  elif [[ $operands == 0 && ! $ended && $word == --*=* ]]; then
    option=\${word%%=*} value=\${word#*=}
  fi
  case $option in
${sources.join("")}    ?*) return ;;
    *)
      if ((operands == 1)); then
        return
      elif [[ ! $ended && $word == -* ]]; then
        list="${options.join(" ")}"
      else
        list="${addresses.join(" ")}"
      fi
      ;;
  esac

  local candidate
  for candidate in $list; do
    candidate=\${word%"$value"}$candidate
    if [[ $candidate == "$word"* ]]; then COMPREPLY+=("\${candidate#"$kept"}"); fi
  done
  if [[ \${COMPREPLY-} == *= ]]; then compopt -o nospace; fi
}

complete -F ${functionName} ${name}
`;
}

export function zshCompletion(): string {
  const specs = documented.map(({ name, letter, value, description }) => {
    const text = description.replaceAll(/[[\]:]/g, "\\$&").replaceAll("'", "'\\''");
    const source = valuesOf[name];
    const action = source === "file" ? "_files" : source ? `($(${source.shell} 2>/dev/null))` : "";
    const argument = value ? `:${value}:${action}` : "";
    const long = `--${name}${value ? "=" : ""}`;
    // A letter takes its value from the next word or the rest of its own.
    return letter
      ? `'(-${letter} --${name})'{-${letter}${value ? "+" : ""},${long}}'[${text}]${argument}'`
      : `'${long}[${text}]${argument}'`;
  });
  return `#compdef ${name}
# zsh completion for ${name}; ${header}

_arguments -s -S -A '-*' \\
${specs.map((spec) => `  ${spec} \\\n`).join("")}  '1:ip:(${addresses.map((address) => address.replaceAll(":", "\\:")).join(" ")})' \\
  '2:port: ' \\
  '*:::prog:_normal'
`;
}

export function fishCompletion(): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = documented.map(({ name: long, letter, value, description }) => {
    const source = valuesOf[long];
    const values =
      source === "file" ? " -rF" : source ? ` -xa ${quote(`(${source.shell} | string split ' ')`)}` : " -x";
    const flags = `${letter ? ` -s ${letter}` : ""} -l ${long}${value ? values : ""}`;
    return `complete -c ${name} -n '${functionName} 0' ${flags.trim()} -d ${quote(description)}\n`;
  });
  const specs = documented.map(
    ({ name, letter, value }) => `${letter ? `${letter}/` : ""}${name}${value ? "=" : ""}`,
  );
  return `# fish completion for ${name}; ${header}

# The operands in front of the word that is being typed.
function ${functionName}_operands
    set -l words (commandline -opc)
    argparse -s ${specs.join(" ")} -- $words[2..] 2>/dev/null
    and string join -- \\n $argv
end

# Whether that many operands are there.
function ${functionName}
    test (count (${functionName}_operands)) -eq $argv[1]
end

# prog and its arguments, as without us in front of them.
function ${functionName}_prog
    set -l operands (${functionName}_operands) (commandline -ct)
    __fish_complete_subcommand --commandline $operands[3..]
end

complete -c ${name} -f
${lines.join("")}complete -c ${name} -n '${functionName} 0' -a ${quote(addresses.join(" "))}
complete -c ${name} -n 'not ${functionName} 0; and not ${functionName} 1' -xa '(${functionName}_prog)'
`;
}
