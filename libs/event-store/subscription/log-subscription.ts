import type { LogPosition } from '../position.js';
import type { PositionedEvent } from '../recorded-event.js';
import type { StoredEvent } from '../stored/stored-event.js';

export type ConnectionState = 'connected' | 'reconnecting';

export type SubscribeToAll = Readonly<{
  /** Exclusive: the first event handed over is after it. 'end' means the end at the time of the call. */
  from: LogPosition | 'start' | 'end';
  /** Filter of the server. Without one every event is handed over except the store's own (`$`). */
  streamPrefixes?: readonly string[];
  /** Filter of the server that replaces `streamPrefixes`, because a subscription has only one filter. */
  eventTypes?: readonly string[];
  /**
   * Handles an event, which also comes as it is stored (its stream's name is that in the store). The next event waits
   * until a returned promise settles. Throwing ends the subscription.
   */
  onEvent(event: PositionedEvent, stored: StoredEvent): void | Promise<void>;
  /** Called after each handled event, and when the server says that nothing up to here matches the subscription. */
  onProgress?(position: LogPosition): void;
  /**
   * Called when everything that was in the log when the server looked was handled. Called again after each
   * reconnection.
   */
  onCaughtUp?(): void;
  /** Called with 'connected' at first and after each loss, with 'reconnecting' once per loss. */
  onConnectionChange?(state: ConnectionState, error?: Error): void;
  /**
   * Called when the subscription ends by itself: an event could not be handled or decoded, or the store refuses for
   * good.
   */
  onFailure?(error: Error): void;
}>;

export interface LogSubscription {
  /** Resolves when the event in progress is handled. Nothing is handed over after the call. */
  close(): Promise<void>;
}
