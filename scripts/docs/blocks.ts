/**
 * A Markdown text whose part between the comments `<!-- name -->` and `<!-- end of name -->` is the block of that name.
 * @throws Error if it has no such part.
 */
export function withBlocks(markdown: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce((text, [name, block]) => {
    const part = new RegExp(`(?<=<!-- ${name} -->\n).*(?=<!-- end of ${name} -->)`, "s");
    if (!part.test(text)) throw new Error(`there is no place for the ${name}`);
    return text.replace(part, () => `\n${block}\n\n`);
  }, markdown);
}
