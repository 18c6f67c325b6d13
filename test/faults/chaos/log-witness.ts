import { EventStore } from '#libs/event-store/event-store.js';
import { LOG_START, comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { Logged } from '#tools/harness/checker/history.js';
import { loggedOf } from '../read-log.js';

/** Follows a log from its start and keeps each message, so that the messages that a scavenge removes are known. */
export class LogWitness {
  readonly seen: Logged[] = [];
  /** The error that ended its subscription, if there was one. */
  failure: Error | undefined;
  private position: LogPosition = LOG_START;

  constructor(store: EventStore) {
    store.subscribeToAll({
      from: 'start',
      onEvent: (event) => {
        if (event.stream.startsWith('messages-')) this.seen.push(loggedOf(event));
      },
      onProgress: (position) => (this.position = position),
      onFailure: (error) => (this.failure = error),
    });
  }

  /** Returns whether it has seen everything up to this position. */
  hasReached(position: LogPosition): boolean {
    return comparePositions(this.position, position) >= 0;
  }
}
