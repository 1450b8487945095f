import { name } from "../package.json";
import { documented, valuesOf } from "./option-table.ts";

const addresses = ["127.0.0.1", "0.0.0.0", "::1", "::"];
const header = "made by scripts/generate.ts from src/command.ts";
const functionName = `_${name.replaceAll("-", "_")}`;

export function bashCompletion(): string {
  const long = documented.map(({ name, value }) => `--${name}${value ? "=" : ""}`);
  const short = documented.flatMap(({ letter }) => (letter ? [`-${letter}`] : []));
  const values = Object.entries(valuesOf).map(([option, source]) =>
    source === "file"
      ? `    --${option}=*) compopt -o filenames; COMPREPLY=($(compgen -f -- "\${word#*=}")) ;;\n`
      : `    --${option}=*) COMPREPLY=($(compgen -W "$(${source?.shell} 2>/dev/null)" -- "\${word#*=}")) ;;\n`,
  );
  const valued = documented
    .filter(({ value }) => value)
    .map(({ name, letter }) => (letter ? `-${letter}|--${name}` : `--${name}`));
  return `# bash completion for ${name}; ${header}

${functionName}() {
  # Words as the shell sees them: bash-completion and readline break at = and :, which options and addresses contain.
  local line=\${COMP_LINE:0:COMP_POINT} words word i operands=0
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=\${words[-1]}
  COMPREPLY=()

  for ((i = 1; i < \${#words[@]} - 1; i++)); do
    case \${words[i]} in
    ${valued.join("|")}) ((operands == 0)) && ((i++)) ;;
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
${values.join("")}    -*)
      COMPREPLY=($(compgen -W "${[...short, ...long].join(" ")}" -- "$word"))
      [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
      return
      ;;
    *) COMPREPLY=($(compgen -W "${addresses.join(" ")}" -- "$word")) ;;
  esac

  # Readline replaces only what follows the last break.
  local broken=\${word%"\${word##*[=:]}"}
  [[ $word == --*=* ]] || COMPREPLY=("\${COMPREPLY[@]#"$broken"}")
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
      ? `'(-${letter} ${long.replace("=", "")})'{-${letter}${value ? "+" : ""},${long}}'[${text}]${argument}'`
      : `'${long}[${text}]${argument}'`;
  });
  return `#compdef ${name}
# zsh completion for ${name}; ${header}

_arguments -s -S -A '-*' \\
${specs.map((spec) => `  ${spec} \\\n`).join("")}  '1:ip:(${addresses.map((address) => address.replaceAll(":", "\\:")).join(" ")})' \\
  '2:port: ' \\
  '(-)3:prog:_command_names -e' \\
  '*::arguments:_normal'
`;
}

export function fishCompletion(): string {
  const quote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = documented.map(({ name: long, letter, value, description }) => {
    const source = valuesOf[long];
    const values =
      source === "file" ? " -F" : source ? ` -a ${quote(`(${source.shell} | string split ' ')`)}` : "";
    const flags = `${letter ? ` -s ${letter}` : ""} -l ${long}${value ? " -r" : ""}${values}`;
    return `complete -c ${name} -n ${functionName}_options${flags} -d ${quote(description)}\n`;
  });
  return `# fish completion for ${name}; ${header}

# The operands on the command line, without the word that is being typed.
function ${functionName}_operands
    set -l words (commandline -opc)[2..]
    argparse -s ${documented
      .map(({ name, letter, value }) => `${letter ? `${letter}/` : ""}${name}${value ? "=" : ""}`)
      .map(quote)
      .join(" ")} -- $words 2>/dev/null
    count $argv
end

function ${functionName}_options
    test (${functionName}_operands) -eq 0
end

complete -c ${name} -f
${lines.join("")}complete -c ${name} -n ${functionName}_options -a ${quote(addresses.join(" "))}
complete -c ${name} -n 'test (${functionName}_operands) -ge 2' -x -a '(__fish_complete_subcommand --fcs-skip=3)'
`;
}
