import { EventStore } from '#libs/event-store/event-store.js';
import { LOG_START, comparePositions } from '#libs/event-store/position.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { Logged } from '#tools/harness/checker/history.js';
import { loggedOf } from '../read-log.js';

/** Sees each message come into a log, from its start, so that it is known what a scavenge has taken. */
export class LogWitness {
  readonly seen: Logged[] = [];
  /** What ended its subscription, if something did. */
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

  /** Whether it has seen all up to here. */
  hasReached(position: LogPosition): boolean {
    return comparePositions(this.position, position) >= 0;
  }
}
