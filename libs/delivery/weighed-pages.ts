import type { BatchLimits } from './message-ring.js';

/** A page is not made smaller than this: what is saved is less than another call costs. */
const LEAST = 16;

/**
 * How many messages are asked for first where only so much weight is wanted: as many as weigh about that, going by what
 * messages of the channel weigh on average. Without an average all that may be wanted are.
 */
export const firstPageOf = ({ messages, weight }: BatchLimits, averageWeight?: number): number => {
  if (!averageWeight || !Number.isFinite(weight)) return messages;
  return Math.min(messages, Math.max(LEAST, Math.ceil(weight / averageWeight) + 1));
};

/**
 * Up to `limit` events of a stream in two reads: of a first page, and of the rest where that was not enough. Whoever stops
 * within the first page has not made the store send the rest.
 *
 * @param readPage reads so many from a revision, inclusive; from where the caller wants to begin for undefined
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
