import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { comparePositions } from './position.js';
import type { EventStore } from './event-store.js';
import type { LogFeed } from './log-feed.js';
import type { LogPosition } from './position.js';
import { StoreUnavailable } from './event-store.errors.js';
import { withDeadline } from '#libs/time/deadline.js';
import { Interval } from '#libs/time/interval.js';

const LOOK = new Boundary('log.feed-watch');

const LOOK_MS = 2_000;
/** Milliseconds that the store has to answer a look. */
const ANSWER_MS = 2_000;
/** Events to look at: somewhat more than a filtered subscription skips without a checkpoint. */
const LOOK_AT = 600;

/**
 * Finds out whether a silent feed has nothing to bring, or is stuck. It reads the log by itself, from the feed's
 * position on. A store, or a connection to it, that does not answer counts as one that should have brought something.
 */
export class FeedWatch {
  private isBehind = false;
  private seen: LogPosition;
  private readonly looks = new Interval(LOOK_MS, () => this.checkFeed(), LOOK);

  constructor(
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly feed: Pick<LogFeed, 'position' | 'handled' | 'state' | 'brings'>,
  ) {
    this.seen = feed.position;
  }

  start(): void {
    this.looks.start();
  }

  stopWatching(): void {
    void this.looks.stop();
  }

  /** Reports one waiting event for as long as the feed is behind. A feed that reconnects reports that itself. */
  marks(): Marks {
    return { waiting: this.isBehind && this.feed.state === 'connected' ? 1 : 0, done: this.feed.handled };
  }

  /** Looks once, unless the feed has moved since the last look. */
  async checkFeed(): Promise<void> {
    const { position } = this.feed;
    const hasMoved = comparePositions(position, this.seen) > 0;
    this.seen = position;
    this.isBehind = hasMoved || this.feed.state !== 'connected' ? false : await this.findsMore(position);
  }

  private async findsMore(after: LogPosition): Promise<boolean> {
    return withDeadline(ANSWER_MS, this.nextAfter(after), noAnswer).catch(() => true);
  }

  private async nextAfter(after: LogPosition): Promise<boolean> {
    for await (const event of this.store.readAll({ from: after, limit: LOOK_AT }))
      if (comparePositions(event.position, after) > 0 && this.feed.brings(event)) return true;
    return false;
  }
}

const noAnswer = (): StoreUnavailable => new StoreUnavailable('The event store did not answer a look');
