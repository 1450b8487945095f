// The least that Bun can compile: what ours costs is measured against it.
export {};
