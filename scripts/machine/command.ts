/** What to install where a program is missing: only where the package has another name. */
const packages: Record<string, string> = {
  "dpkg-deb": "dpkg",
  "apt-get": "apt",
  "apt-cache": "apt",
  setpriv: "util-linux",
  "qemu-system-aarch64": "qemu-system-arm",
  "qemu-system-x86_64": "qemu-system-x86",
};

/** @throws Error that says how to come by the program, if it is not there. */
export function need(program: string): void {
  if (Bun.which(program)) return;
  throw new Error(`${program} is missing: on Debian, apt-get install ${packages[program] ?? program}`);
}

/** Run a command of this machine. @returns what it prints. @throws Error with what it says, if it fails. */
export async function output(
  command: string[],
  options: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<string> {
  need(command[0] ?? "");
  const child = Bun.spawn(command, { ...options, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exit] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (exit !== 0) throw new Error(`${command.join(" ")}: ${stderr.trim() || `exit ${exit}`}`);
  return stdout;
}
