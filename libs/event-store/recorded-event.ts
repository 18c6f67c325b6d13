import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { LogPosition } from './position.js';

/** An event to be appended. `eventId` is a UUID; EventStoreDB recognizes repeated appends by equal ids. */
export type NewEvent = Readonly<{ eventId: string; type: string; data: Json; metadata: EventMetadata }>;

/** An event as it is stored in a stream. `revision` is contiguous from 0 and stays far below 2^53. */
export type RecordedEvent = Readonly<{
  stream: string;
  revision: number;
  eventId: string;
  /** `UNKNOWN_TYPE` for an event that is damaged on disk, because nothing but its place is known. */
  type: string;
  /** When the store recorded it. A damaged event was recorded then or earlier. */
  at: Date;
  data: Json;
  metadata: EventMetadata;
  /** Why an event in a stream of ours is not what its type promises. Nobody may act on its contents. */
  unreadable?: string;
}>;

/** The type of an event whose type nobody knows. */
const UNKNOWN_TYPE = '';

/** Returns whether an event has one of these types, or may have one because its type is unknown. */
export const mayBeOneOf = (types: readonly string[], { type }: Pick<RecordedEvent, 'type'>): boolean =>
  type === UNKNOWN_TYPE || types.includes(type);

/**
 * An event with its position. Only reads of the whole log and subscriptions to it know positions; reads of one stream
 * do not.
 */
export type PositionedEvent = RecordedEvent & Readonly<{ position: LogPosition }>;
