import { WireReader } from '#libs/protobuf/wire.js';
import { positionOf } from '../position.js';
import type { LogPosition } from '../position.js';
import { readSentEvent } from './stored-event.js';
import type { SentEvent } from './stored-event.js';

/** What a server says on a read or a subscription. */
export type ReadAnswer =
  | Readonly<{ kind: 'event'; event: SentEvent }>
  /** Nothing up to here concerns a filtered subscription, but what was sent. */
  | Readonly<{ kind: 'checkpoint'; position: LogPosition }>
  | Readonly<{ kind: 'confirmed' }>
  | Readonly<{ kind: 'caughtUp' }>
  | Readonly<{ kind: 'streamNotFound' }>
  /** The last event ever written to the stream that is read. */
  | Readonly<{ kind: 'lastRevision'; revision: number }>
  /**
   * Where a stream begins, a link whose target is gone, a checkpoint at no position, and what later servers may
   * say.
   */
  | Readonly<{ kind: 'other' }>;

const CONFIRMED: ReadAnswer = { kind: 'confirmed' };
const CAUGHT_UP: ReadAnswer = { kind: 'caughtUp' };
const STREAM_NOT_FOUND: ReadAnswer = { kind: 'streamNotFound' };
const OTHER: ReadAnswer = { kind: 'other' };

/** Reads a `ReadResp` (streams.proto of EventStoreDB). @throws MalformedMessage */
export const readAnswer = (message: Buffer): ReadAnswer => {
  const reader = new WireReader(message);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        return readEvent(reader.message());
      case 2:
        return CONFIRMED;
      case 3:
        return readCheckpoint(reader.message());
      case 4:
        return STREAM_NOT_FOUND;
      case 6:
        return { kind: 'lastRevision', revision: reader.uint() };
      case 8:
        return CAUGHT_UP;
      default:
        reader.skip();
    }
  }
  return OTHER;
};

/**
 * The event itself, or what a link leads to where links are resolved. That it has no position is said beside it (field 4)
 * or by numbers that no event can have.
 */
const readEvent = (message: WireReader): ReadAnswer => {
  let event: SentEvent | undefined;
  let hasNoPosition = false;
  while (message.next()) {
    if (message.field === 1) event = readSentEvent(message.message());
    else {
      hasNoPosition ||= message.field === 4;
      message.skip();
    }
  }
  if (!event) return OTHER;
  return { kind: 'event', event: hasNoPosition ? { ...event, position: undefined } : event };
};

/**
 * EventStoreDB 24.10 sends one at 2^64-1 when it has found nothing in the first page of the log: it says nothing then.
 * One that names no commit position at all says nothing, too; a prepare position of 0 is left out on the wire.
 */
const readCheckpoint = (message: WireReader): ReadAnswer => {
  let commit = -1n;
  let prepare = 0n;
  while (message.next()) {
    if (message.field === 1) commit = message.uint64();
    else if (message.field === 2) prepare = message.uint64();
    else message.skip();
  }
  const position = positionOf(commit, prepare);
  return position ? { kind: 'checkpoint', position } : OTHER;
};
