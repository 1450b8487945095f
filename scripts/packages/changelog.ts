/** CHANGELOG.md: a section for each version, with its date and a list of changes. */

export interface Release {
  version: string;
  /** When it was released: seconds since 1970, midnight UTC. */
  time: number;
  /** The section without its heading, in Markdown. */
  notes: string;
}

/**
 * The section of a version, headed `## VERSION (YYYY-MM-DD)`.
 *
 * @throws Error when there is none, or it has no date.
 */
export function releaseOf(changelog: string, version: string): Release {
  const heading = changelog
    .split("\n")
    .find((line) => new RegExp(`^## ${RegExp.escape(version)}( |$)`).test(line));
  if (heading === undefined) throw new Error(`CHANGELOG.md has no section "## ${version} (YYYY-MM-DD)"`);
  const date = /^## \S+ \((\d{4}-\d{2}-\d{2})\)$/.exec(heading)?.[1];
  const time = date ? Date.parse(`${date}T00:00:00Z`) / 1000 : NaN;
  if (Number.isNaN(time)) throw new Error(`CHANGELOG.md: no date (YYYY-MM-DD) in "${heading}"`);
  const [, rest = ""] = changelog.split(`${heading}\n`);
  const notes = rest.split(/^## /m, 1)[0]!.trim();
  if (notes === "") throw new Error(`CHANGELOG.md: nothing below "${heading}"`);
  return { version, time, notes };
}

/** The changes of a release, each without its bullet and its Markdown. */
export function changes({ notes }: Release): string[] {
  return [...notes.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, text = ""]) =>
    text
      .replaceAll(/\s+/g, " ")
      .replaceAll(/`|\*\*/g, "")
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"),
  );
}
