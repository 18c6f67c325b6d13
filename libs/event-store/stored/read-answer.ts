import { WireReader } from '#libs/protobuf/wire.js';
import type { LogPosition } from '../position.js';
import { readStoredEvent } from './stored-event.js';
import type { StoredEvent } from './stored-event.js';

/** What a server says on a read or a subscription. */
export type ReadAnswer =
  | Readonly<{ kind: 'event'; event: StoredEvent }>
  /** Nothing up to here concerns a filtered subscription, but what was sent. */
  | Readonly<{ kind: 'checkpoint'; position: LogPosition }>
  | Readonly<{ kind: 'confirmed' }>
  | Readonly<{ kind: 'caughtUp' }>
  | Readonly<{ kind: 'streamNotFound' }>
  /** Where a stream begins or ends, a link whose target is gone, and what later servers may say. */
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
        return { kind: 'checkpoint', position: readPosition(reader.message()) };
      case 4:
        return STREAM_NOT_FOUND;
      case 8:
        return CAUGHT_UP;
      default:
        reader.skip();
    }
  }
  return OTHER;
};

/** The event itself, or what a link leads to where links are resolved. */
const readEvent = (message: WireReader): ReadAnswer => {
  while (message.next()) {
    if (message.field === 1) return { kind: 'event', event: readStoredEvent(message.message()) };
    message.skip();
  }
  return OTHER;
};

const readPosition = (message: WireReader): LogPosition => {
  let commit = 0n;
  let prepare = 0n;
  while (message.next()) {
    if (message.field === 1) commit = message.uint64();
    else if (message.field === 2) prepare = message.uint64();
    else message.skip();
  }
  return { commit, prepare };
};
