import { isCursorEvent } from '#libs/event-store/codec/event-types.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

/**
 * What is to be confirmed: a message, to a membership that began after the seq `from`. `isOver`: whether a cursor was
 * written after that membership ended; undefined for one that lasts.
 */
export type Wanted = Readonly<{
  channel: string;
  seq: number;
  from: number;
  isOver?: (cursors: RecordedEvent) => Promise<boolean>;
}>;

/**
 * When a consumer confirmed a message. `at`: its cursor reached the message then, to the second in which cursors are
 * written. `atOrBefore`: the oldest cursor that is kept was there already, and nothing says since when.
 */
export type Confirmation = Readonly<{ at: Date } | { atOrBefore: Date }>;

/** How many cursors are looked through for a membership that is over, or whose cursor was moved back. */
const LOOKED_THROUGH = 1_000;

/**
 * Returns whether these cursors show the message as confirmed: the channel's is at the message or past it, and belongs
 * to that membership. A cursor that names no membership counts as one of it.
 */
export const isConfirmed = (event: RecordedEvent, { channel, seq, from }: Wanted): boolean => {
  if (event.unreadable !== undefined || !isCursorEvent(event)) return false;
  const { cursors, since = {} } = event.data;
  const ofMembership = !Object.hasOwn(since, channel) || since[channel] === from;
  return ofMembership && Object.hasOwn(cursors, channel) && cursors[channel]! >= seq;
};

type Store = Pick<EventStore, 'readStream'>;

/**
 * Returns when a consumer confirmed a message, as far as its stream of cursors reaches back; undefined if it shows no
 * confirmation. It reads some twenty events of a stream of 10,000.
 *
 * @throws StoreUnavailable | StoreFault
 */
export const confirmationIn = async (
  store: Store,
  stream: string,
  wanted: Wanted,
): Promise<Confirmation | undefined> => {
  const oldest = await eventFrom(store, stream, 0);
  const newest = oldest && (await lastDuring(store, stream, oldest, wanted));
  const last = newest && (await newestConfirmed(store, stream, wanted, newest));
  if (!last) return undefined;
  if (isConfirmed(oldest, wanted)) return reached(oldest, oldest.revision === 0);
  // Between these two the cursor reached the message; `last` shows it as confirmed, `oldest` does not.
  let [low, found] = [oldest.revision, last];
  while (found.revision - low > 1) {
    const middle = await eventFrom(store, stream, Math.floor((low + found.revision) / 2));
    if (!middle || middle.revision >= found.revision) break;
    if (isConfirmed(middle, wanted)) found = middle;
    else low = middle.revision;
  }
  return reached(found, true);
};

const reached = ({ at }: RecordedEvent, isExact: boolean): Confirmation =>
  isExact ? { at } : { atOrBefore: at };

/** Returns the last cursors that were written before the membership ended, or the newest of all. */
const lastDuring = async (
  store: Store,
  stream: string,
  oldest: RecordedEvent,
  { isOver }: Wanted,
): Promise<RecordedEvent | undefined> => {
  let [newest]: RecordedEvent[] = [];
  for await (const event of store.readStream(stream, { direction: 'backwards', limit: 1 })) newest = event;
  if (!newest || !isOver || !(await isOver(newest))) return newest;
  if (await isOver(oldest)) return undefined;
  let [found, high] = [oldest, newest.revision];
  while (high - found.revision > 1) {
    const middle = await eventFrom(store, stream, Math.floor((found.revision + high) / 2));
    if (!middle || middle.revision >= high) break;
    if (await isOver(middle)) high = middle.revision;
    else found = middle;
  }
  return found;
};

/** Returns the newest cursors up to these that show the message as confirmed. Mostly it is these. */
const newestConfirmed = async (
  store: Store,
  stream: string,
  wanted: Wanted,
  { revision: from }: RecordedEvent,
): Promise<RecordedEvent | undefined> => {
  for (const limit of [1, LOOKED_THROUGH])
    for await (const event of store.readStream(stream, { direction: 'backwards', from, limit })) {
      if (isConfirmed(event, wanted)) return event;
      if (isBefore(event, wanted)) return undefined;
    }
  return undefined;
};

/** Returns whether the cursor is on its way to the message, so that no earlier one can have been past it. */
const isBefore = (event: RecordedEvent, { channel, seq, from }: Wanted): boolean => {
  if (event.unreadable !== undefined || !isCursorEvent(event)) return false;
  const { cursors, since = {} } = event.data;
  return since[channel] === from && Object.hasOwn(cursors, channel) && cursors[channel]! < seq;
};

/** Returns the first event of a stream at a revision or after it. */
const eventFrom = async (store: Store, stream: string, from: number): Promise<RecordedEvent | undefined> => {
  for await (const event of store.readStream(stream, { from, limit: 1 })) return event;
  return undefined;
};
