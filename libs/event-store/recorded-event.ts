import type { EventMetadata } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { LogPosition } from './position.js';

/** An event to be appended. `eventId` is a UUID; equal ids are what EventStoreDB's own idempotency goes by. */
export type NewEvent = Readonly<{ eventId: string; type: string; data: Json; metadata: EventMetadata }>;

/** An event as it lies in a stream. `revision` is contiguous from 0 and stays far below 2^53. */
export type RecordedEvent = Readonly<{
  stream: string;
  revision: number;
  eventId: string;
  type: string;
  /** When the store recorded it. */
  at: Date;
  data: Json;
  metadata: EventMetadata;
  /** Why it is not what its type promises, in a stream of ours. Nobody may act on what it seems to say. */
  unreadable?: string;
}>;

/** Only reads of and subscriptions to the whole log know positions; reads of one stream do not. */
export type PositionedEvent = RecordedEvent & Readonly<{ position: LogPosition }>;
