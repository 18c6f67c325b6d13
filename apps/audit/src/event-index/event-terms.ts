import { parseStreamName } from '#libs/domain/stream-names.js';
import { isObject } from '#libs/domain/shapes/shape.js';
import type { RecordedEvent } from '#libs/event-store/recorded-event.js';

/** What an id in a term is the id of. */
export type TermKind =
  /** The event itself. */
  | 'event'
  /** The message that the event is: the id that the bot chose for its request. */
  | 'message'
  /** The message that an edit, a redaction or a reply names. */
  | 'about'
  /** What caused the event, unless it is the message itself. */
  | 'cause'
  /** The chain of events that it belongs to, unless it began the chain. */
  | 'chain'
  /** The key that was issued or revoked. */
  | 'key'
  /** The connection that began or ended. */
  | 'connection';

/** Returns the term under which the index lists an id. Upper and lower case spell the same id, except that of a connection. */
export const termOf = (kind: TermKind, id: string): string =>
  `${kind}:${kind === 'connection' ? id : id.toLowerCase()}`;

type Told = Pick<RecordedEvent, 'stream' | 'eventId' | 'data' | 'metadata' | 'unreadable'>;

/** Returns the terms by which an event is found, each once. One that can't be understood has only its own id. */
export const termsOf = (event: Told): string[] => {
  const terms = [termOf('event', event.eventId)];
  if (event.unreadable !== undefined) return terms;
  const text = fieldsOf(event.data);
  const family = parseStreamName(event.stream)?.family;
  const message = family === 'messages' ? text('id') : undefined;
  const { $correlationId: chain, $causationId: cause } = event.metadata;
  const add = (kind: TermKind, id: unknown): void => {
    if (typeof id === 'string') terms.push(termOf(kind, id));
  };
  add('message', message);
  if (family === 'messages') add('about', text('target') ?? text('replyTo'));
  if (family === 'bot' || family === 'keys') add('key', text('keyId'));
  if (family === 'presence') add('connection', text('connection'));
  if (!isSame(chain, message) && !isSame(chain, event.eventId)) add('chain', chain);
  if (!isSame(cause, message) && !isSame(cause, chain) && !isSame(cause, event.eventId)) add('cause', cause);
  return terms;
};

/** Returns a reader of the texts in an event's data. */
export const fieldsOf =
  (data: unknown) =>
  (field: string): string | undefined => {
    const value = isObject(data) && Object.hasOwn(data, field) ? data[field] : undefined;
    return typeof value === 'string' ? value : undefined;
  };

/** Returns whether two ids are the same. A missing id equals none. Metadata of other writers may hold anything. */
export const isSame = (one: unknown, other: unknown): boolean =>
  typeof one === 'string' && typeof other === 'string' && one.toLowerCase() === other.toLowerCase();
