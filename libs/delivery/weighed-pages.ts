import type { BatchLimits } from './message-ring.js';

/** The smallest page, in messages. A smaller one would save less than another call costs. */
const LEAST = 16;

/**
 * Returns how many messages to read first when only a limited weight is wanted: about as many as have that
 * weight, by the average weight of the channel's messages. Without an average, it is all that may be wanted.
 */
export const firstPageOf = ({ messages, weight }: BatchLimits, averageWeight?: number): number => {
  if (!averageWeight || !Number.isFinite(weight)) return messages;
  return Math.min(messages, Math.max(LEAST, Math.ceil(weight / averageWeight) + 1));
};

type ReadPage<Event> = (from: number | undefined, limit: number) => AsyncIterable<Event>;

/**
 * Returns up to `limit` events of a stream in two reads: a first page, and the rest if that was not enough. If
 * the caller stops within the first page, the store does not send the rest.
 *
 * @param readPage reads a number of events from a revision (inclusive); undefined stands for the place where
 * the caller wants to begin
 */
export const inTwoPages = <Event extends Readonly<{ revision: number }>>(
  limit: number,
  firstPage: number,
  step: 1 | -1,
  readPage: ReadPage<Event>,
): AsyncIterable<Event> =>
  firstPage < limit ? twoPages(limit, firstPage, step, readPage) : readPage(undefined, firstPage);

async function* twoPages<Event extends Readonly<{ revision: number }>>(
  limit: number,
  firstPage: number,
  step: 1 | -1,
  readPage: ReadPage<Event>,
): AsyncGenerator<Event> {
  let count = 0;
  let last: number | undefined;
  for await (const event of readPage(undefined, firstPage)) {
    count += 1;
    last = event.revision;
    yield event;
  }
  if (last === undefined || count < firstPage || last + step < 0) return;
  yield* readPage(last + step, limit - firstPage);
}
