import { messageEventId } from '#libs/delivery/message-event-id.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { ID_BYTES } from './id-index.js';

/** Returns a UUID in 16 bytes; all zero for the id of an event that is lost. */
export const uuidBytes = (eventId: string): Buffer =>
  eventId === '' ? Buffer.alloc(ID_BYTES) : Buffer.from(eventId.replaceAll('-', ''), 'hex');

/** Returns the id of the message's event that this event redacts; undefined if it redacts none. */
export const redactedBy = ({ type, data, unreadable }: PositionedEvent): Buffer | undefined => {
  if (type !== 'MessageRedacted' || unreadable !== undefined) return undefined;
  const { bot, target } = data as Readonly<{ bot: string; target: string }>;
  return uuidBytes(messageEventId(bot, target));
};
