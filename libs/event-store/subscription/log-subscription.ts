import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';

export type ConnectionState = 'connected' | 'reconnecting';

export type SubscribeToAll = Readonly<{
  /** Exclusive: the first event handed over lies after it. 'end' means the end at the time of the call. */
  from: LogPosition | 'start' | 'end';
  /** Filtered by the server. None means every event but the store's own (`$`). */
  streamPrefixes?: readonly string[];
  /** Filtered by the server, in place of `streamPrefixes`: a subscription has one filter. */
  eventTypes?: readonly string[];
  /** The next event is not handed over before a returned promise settles. Throwing ends the subscription. */
  onEvent(event: PositionedEvent): void | Promise<void>;
  /** After each handled event, and when the server says that nothing up to here concerned the subscription. */
  onProgress?(position: LogPosition): void;
  /** All that was in the log when the server looked has been handled. Comes again after each reconnection. */
  onCaughtUp?(): void;
  /** 'connected' at first and after each loss; 'reconnecting' once per loss. */
  onConnectionChange?(state: ConnectionState, error?: Error): void;
  /** The subscription has ended by itself: the handler or the decoding of an event failed, or the store refuses for good. */
  onFailure?(error: Error): void;
}>;

export interface LogSubscription {
  /** Resolves when the event being handled is done; nothing is handed over after it was called. */
  close(): Promise<void>;
}
