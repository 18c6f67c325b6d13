import { Boundary } from '#libs/platform/faults/boundary.js';
import type { Marks } from '#libs/platform/watch/standstill.js';
import { comparePositions } from './position.js';
import type { EventStore } from './event-store.js';
import type { LogFeed } from './log-feed.js';
import type { LogPosition } from './position.js';

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
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly feed: Pick<LogFeed, 'position' | 'handled' | 'state' | 'brings'>,
  ) {
    this.seen = feed.position;
  }

  start(): void {
    const look = LOOK.guard(() => {
      this.looking ??= this.checkFeed().finally(() => (this.looking = undefined));
      return this.looking;
    });
    this.timer ??= setInterval(look, LOOK_MS).unref();
  }

  stopWatching(): void {
    clearInterval(this.timer);
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
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), ANSWER_MS)));
    try {
      return await Promise.race([this.nextAfter(after), late]);
    } catch {
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  private async nextAfter(after: LogPosition): Promise<boolean> {
    for await (const event of this.store.readAll({ from: after, limit: LOOK_AT }))
      if (comparePositions(event.position, after) > 0 && this.feed.brings(event)) return true;
    return false;
  }
}
