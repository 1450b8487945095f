/**
 * The word among `words` that `text` was probably meant to be: one that begins with it, or
 * else the one that takes the fewest edits (Levenshtein), if these are at most a third of it.
 */
export function nearest(text: string, words: Iterable<string>): string | undefined {
  const wanted = text.toLowerCase();
  let best: string | undefined;
  let fewest = Math.floor(wanted.length / 3) + 1;
  for (const word of words) {
    if (wanted.length >= 3 && word.startsWith(wanted)) return word;
    if (Math.abs(word.length - wanted.length) >= fewest) continue;
    const edits = distance(wanted, word);
    if (edits < fewest) [best, fewest] = [word, edits];
  }
  return best;
}

/** How many characters to insert, delete or replace, to make one word of the other. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
