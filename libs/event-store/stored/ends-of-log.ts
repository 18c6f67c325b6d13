import { LOG_START, placeBefore } from '../position.js';
import type { LogPosition } from '../position.js';
import { firstOf } from './read-request.js';
import type { LogRead } from './read-request.js';
import type { StoredEvent } from './stored-event.js';

type Reading = (read: LogRead) => AsyncIterable<readonly StoredEvent[]>;

/** Returns the place just before the first event of the log; undefined if it is empty. @throws StoreUnavailable */
export const findStart = async (read: Reading): Promise<LogPosition | undefined> => {
  for await (const [first] of read(firstOf('forwards', 'start')))
    if (first) return placeBefore(first.position);
  return undefined;
};

/** Returns the last position of the log; LOG_START if it is empty. @throws StoreUnavailable */
export const findEnd = async (read: Reading): Promise<LogPosition> => {
  for await (const [last] of read(firstOf('backwards', 'end'))) if (last) return last.position;
  return LOG_START;
};
