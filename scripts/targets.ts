/** Every target: what Bun calls it, and the loader that its executable asks for. */
export const targets = {
  "linux-x64": { bun: "bun-linux-x64", loader: "/lib64/ld-linux-x86-64.so.2" },
  // Bun has one runtime for all x64 CPUs, so these are the same bytes; the name is kept for who looks for it.
  "linux-x64-baseline": { bun: "bun-linux-x64-baseline", loader: "/lib64/ld-linux-x86-64.so.2" },
  "linux-arm64": { bun: "bun-linux-arm64", loader: "/lib/ld-linux-aarch64.so.1" },
  "linux-x64-musl": { bun: "bun-linux-x64-musl", loader: "/lib/ld-musl-x86_64.so.1" },
  "linux-arm64-musl": { bun: "bun-linux-arm64-musl", loader: "/lib/ld-musl-aarch64.so.1" },
} as const satisfies Record<string, { bun: Bun.Build.CompileTarget; loader: string }>;

export type Target = keyof typeof targets;

export const targetNames = Object.keys(targets) as Target[];

export function isTarget(text: string): text is Target {
  return Object.hasOwn(targets, text);
}
