import { WireReader } from '#libs/protobuf/wire.js';
import { positionOf } from '../position.js';
import type { LogPosition } from '../position.js';
import { readSentEvent } from './stored-event.js';
import type { SentEvent } from './stored-event.js';

/** One answer of a server to a read or a subscription. */
export type ReadAnswer =
  | Readonly<{ kind: 'event'; event: SentEvent }>
  /** No event up to here matches a filtered subscription, except those that were sent. */
  | Readonly<{ kind: 'checkpoint'; position: LogPosition }>
  | Readonly<{ kind: 'confirmed' }>
  | Readonly<{ kind: 'caughtUp' }>
  | Readonly<{ kind: 'streamNotFound' }>
  /** Revision of the last event ever written to the stream. */
  | Readonly<{ kind: 'lastRevision'; revision: number }>
  /**
   * Answers without a use here: the start of a stream, a link whose target is gone, a checkpoint without a position,
   * and answers that only later servers send.
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
 * Reads an event, or the target of a link if links are resolved. If the event has no position, the answer has field 4
 * next to it, or numbers that no event can have.
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
 * Reads a checkpoint. EventStoreDB 24.10 sends one at 2^64-1 when it found nothing in the first page of the log; that
 * one means nothing. One without a commit position means nothing either. A prepare position of 0 is left out on the
 * wire.
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
