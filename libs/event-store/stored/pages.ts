import { comparePositions } from '../position.js';
import type { LogPosition } from '../position.js';

/** Events in one page of a stream, and of the log. */
const STREAM_PAGE = 512;
const LOG_PAGE = 4_096;

/**
 * Reads a stream backwards, page by page. Such a reader mostly stops before the start. A page that it leaves early can
 * run out by itself, but a read down to the start can't.
 *
 * @param readPage reads this many events backwards from a revision, inclusive
 */
export async function* streamInPages<Event extends Readonly<{ revision: number }>>(
  from: number | 'start' | 'end',
  readPage: (from: number | 'start' | 'end', limit: number) => AsyncIterable<Event>,
): AsyncGenerator<Event> {
  for (let next = from; ;) {
    let count = 0;
    let oldest = 0;
    for await (const event of readPage(next, STREAM_PAGE)) {
      count += 1;
      oldest = event.revision;
      yield event;
    }
    // Retention can only remove older events, so a page that is not full is the last one.
    if (count < STREAM_PAGE || oldest === 0) return;
    next = oldest - 1;
  }
}

/**
 * Reads the log in either direction, page by page, for the same reason as {@link streamInPages}.
 *
 * @param readPage reads this many events: forwards from a position, inclusive, or backwards from before it
 */
export async function* logInPages<Event extends Readonly<{ position: LogPosition }>>(
  from: LogPosition | 'start' | 'end',
  readPage: (from: LogPosition | 'start' | 'end', limit: number) => AsyncIterable<readonly Event[]>,
): AsyncGenerator<readonly Event[]> {
  for (let [next, last]: [typeof from, LogPosition | undefined] = [from, undefined]; ;) {
    let count = 0;
    for await (const batch of readPage(next, LOG_PAGE)) {
      // Forwards, a page begins with the last event of the previous page.
      const isRepeated = last && batch[0] && comparePositions(batch[0].position, last) === 0;
      count += batch.length;
      last = batch.at(-1)?.position ?? last;
      if (!isRepeated) yield batch;
      else if (batch.length > 1) yield batch.slice(1);
    }
    if (count < LOG_PAGE || !last) return;
    next = last;
  }
}
