import { wordsOf } from './indexed-text.js';
import { parseSearch } from './parse-search.js';
import type { SearchTerm } from './parse-search.js';
import { partsOf } from './run-parts.js';
import { runsOf, runsOfVisible } from './runs.js';
import type { Run } from './runs.js';
import { patternOf } from './term-match.js';
import { visibleOffsets } from './visible-offsets.js';
import type { Range } from './visible-offsets.js';

/** The most places that are returned. Nobody looks at more. */
const MOST_HIGHLIGHTS = 100;

/** A run, and the offset at which it begins in `words`. */
type Placed = Readonly<{ run: Run; begins: number }>;

/**
 * Returns where in a text the search terms were found: the first 100 places, in order, without overlaps. Excluded terms
 * are not highlighted.
 */
export const highlightsOf = (text: string, typed: string): Range[] => {
  const { visible, placeOf } = visibleOffsets(text);
  const runs = runsOfVisible(visible);
  const words = wordsOf(runs);
  const placed = placedIn(runs);
  const terms = parseSearch(typed)
    .flat()
    .filter(({ not }) => !not);
  const found = terms.flatMap((term) => rangesOf(term, words, placed));
  return merged(found.map(({ from, to }) => ({ from: placeOf(from).from, to: placeOf(to - 1).to })));
};

const placedIn = (runs: readonly Run[]): Placed[] => {
  let at = 0;
  return runs.map((run) => {
    const begins = at + (run.joint?.length ?? 0) + 1;
    at = begins + run.text.length + 1;
    return { run, begins };
  });
};

/** Returns the ranges of a term in the visible text. */
const rangesOf = ({ text, prefix }: SearchTerm, words: string, placed: readonly Placed[]): Range[] => {
  const runs = runsOf(text);
  const [first, second] = runs;
  if (!first) return [];
  const { before, term, after } = patternOf(runs, prefix);
  const pattern = new RegExp(`${before && `(?<=${before})`}${term}${after && `(?=${after})`}`, 'g');
  const found: Range[] = [];
  let next = 0;
  for (const { 0: match, index } of words.matchAll(pattern)) {
    while (placed[next + 1] && placed[next + 1]!.begins <= index) next += 1;
    let last = next;
    while (placed[last + 1] && placed[last + 1]!.begins < index + match.length) last += 1;
    found.push(rangeOf(placed[next]!, placed[last]!, index, index + match.length));
    if (found.length === MOST_HIGHLIGHTS) return found;
  }
  if (second || prefix) return found;
  const whole = placed.filter(({ run }) => run.kind === 'word' && partsOf(run.cased).includes(first.text));
  return [...found, ...whole.map(({ run }) => ({ from: run.at, to: run.at + run.cased.length }))];
};

/**
 * Returns the range from within the first run to within the last. A place within a run is exact only if its folded and
 * its written form have the same length; otherwise the range covers that end of the run completely.
 */
const rangeOf = (first: Placed, last: Placed, from: number, to: number): Range => ({
  from: first.run.at + (isAsLong(first.run) ? from - first.begins : 0),
  to:
    last.run.at +
    (isAsLong(last.run) ? Math.min(to - last.begins, last.run.text.length) : last.run.cased.length),
});

const isAsLong = ({ text, cased }: Run): boolean => text.length === cased.length;

const merged = (ranges: readonly Range[]): Range[] => {
  const result: { from: number; to: number }[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = result.at(-1);
    if (last && range.from < last.to) last.to = Math.max(last.to, range.to);
    else result.push({ ...range });
  }
  return result.slice(0, MOST_HIGHLIGHTS);
};
