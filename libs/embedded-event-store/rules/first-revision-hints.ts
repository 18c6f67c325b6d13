/** Largest number of events in one page of a read (Enumerator.ReadBatchSize). */
const PAGE = 32;

/**
 * Returns the revisions that a forwards read announces before its events: for each empty page the revision where it
 * goes on, unless it is there already (Enumerator.ReadStreamForwards.cs, IndexReader.ReadStreamEventsForward). They
 * tell the reader that the beginning of the stream is gone, or that it asked beyond the end.
 */
export const firstRevisionHints = (
  from: number,
  limit: number,
  { first, last }: { first: number; last: number },
): number[] => {
  const hints: number[] = [];
  const page = Math.min(PAGE, limit);
  let start = from;
  for (;;) {
    const end = start + page - 1;
    if (Math.max(start, first) <= Math.min(end, last)) return hints;
    const next = end < first && first <= last ? first : last + 1;
    if (next !== start) hints.push(next);
    if (next > last) return hints;
    start = next;
  }
};
