/**
 * Returns the candidate that needs the fewest single-character changes to become `name`. `candidates` must not be
 * empty.
 */
export const nearest = (name: string, candidates: readonly string[]): string =>
  candidates.reduce((best, candidate) =>
    distance(name, candidate) < distance(name, best) ? candidate : best,
  );

/** Returns the Levenshtein distance: the number of characters inserted, removed or replaced. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
