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

/**
 * Yields up to `limit` events of a stream in two reads: a first page, and the rest if that was not enough. If
 * the caller stops within the first page, the store does not send the rest.
 *
 * @param readPage reads a number of events from a revision (inclusive); undefined stands for the place where
 * the caller wants to begin
 */
export async function* inTwoPages<Event extends Readonly<{ revision: number }>>(
  limit: number,
  firstPage: number,
  step: 1 | -1,
  readPage: (from: number | undefined, limit: number) => AsyncIterable<Event>,
): AsyncGenerator<Event> {
  let count = 0;
  let last: number | undefined;
  for await (const event of readPage(undefined, firstPage)) {
    count += 1;
    last = event.revision;
    yield event;
  }
  if (last === undefined || count < firstPage || firstPage >= limit || last + step < 0) return;
  yield* readPage(last + step, limit - firstPage);
}
