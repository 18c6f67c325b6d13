import type { RecentEventIds } from '../rules/recent-event-ids.js';
import { AppendGroup, type Change, type ChangeOutcome } from './append-group.js';
import { DamagedLog } from '../record/damaged-log.js';
import type { EventLog } from './event-log.js';
import type { LiveFeed } from './live-feed.js';
import { WriteStoppage, type WritingReport } from './write-stoppage.js';
import { writeTrouble } from './write-trouble.js';

/**
 * Reports that the change could not be synced to disk, and that its bytes could not be cut off yet: it may be there
 * after a start.
 */
class CommitFailed extends Error {
  override name = 'CommitFailed';
}

/**
 * Reports that the disk accepts no writes at this moment, with the reason in the message. Nothing of the change is
 * stored.
 */
export class NotWritten extends Error {
  override name = 'NotWritten';
}

/** Reports that the store is closing and accepts no more changes. */
export class WriterClosed extends Error {
  override name = 'WriterClosed';
}

interface Pending {
  readonly change: Change;
  readonly size: number;
  readonly resolve: (outcome: ChangeOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Applies a change. A change that can't be decided, because data it depends on is unreadable, is refused alone; the
 * others go on.
 */
const applied = (group: AppendGroup, change: Change): ChangeOutcome | DamagedLog => {
  const before = group.entries.length;
  try {
    return group.apply(change);
  } catch (error) {
    if (error instanceof DamagedLog && group.entries.length === before) return error;
    throw error;
  }
};

const notWritten = (reason: string): NotWritten => new NotWritten(`Nothing can be written: ${reason}`);

const refuse = (pending: readonly Pending[], failure: Error): void => {
  for (const { reject } of pending) reject(failure);
};

/**
 * Bytes of events at which a transaction takes no further change, so that an answer does not wait for too many others.
 */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

/**
 * Writes all changes; nothing else writes. Changes that arrive while a group is being synced form the next group (group
 * commit): every answer comes after the sync, and one sync serves many. Subscribers get the events after the answers,
 * as on the real server. So a client that appends and follows mostly knows the position of an event before the event or
 * its checkpoint arrives.
 */
export class LogWriter {
  private queue: Pending[] = [];
  private running: Promise<void> | undefined;
  private closed = false;
  private told: Promise<void> = Promise.resolve();
  private readonly stoppage: WriteStoppage;
  /** Bytes of events waiting for a place in a group. */
  queuedBytes = 0;

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly recent: RecentEventIds,
    writing: WritingReport = () => {},
  ) {
    this.stoppage = new WriteStoppage(log, writing);
  }

  /**
   * Resolves when the change is synced, or when it is decided that nothing has to be written.
   * @throws CommitFailed | NotWritten | WriterClosed | DamagedLog
   */
  submit(change: Change): Promise<ChangeOutcome> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new WriterClosed('The event store is closing'));
      const size = change.events.reduce((sum, event) => sum + event.data.length + event.metadata.length, 0);
      this.queue.push({ change, size, resolve, reject });
      this.queuedBytes += size;
      this.running ??= this.writeBatches();
    });
  }

  /** Accepts no more changes and waits for those it has. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
    await this.stoppage.close();
    await this.told;
  }

  private async writeBatches(): Promise<void> {
    // Changes that arrived in the same turn of the event loop go together.
    await new Promise(setImmediate);
    while (this.queue.length > 0) await this.commit(this.takeGroup());
    this.running = undefined;
  }

  private takeGroup(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { size } of this.queue) {
      bytes += size;
      count += 1;
      if (bytes >= MAX_GROUP_BYTES) break;
    }
    this.queuedBytes -= bytes;
    return this.queue.splice(0, count);
  }

  private async commit(pending: readonly Pending[]): Promise<void> {
    const { reason } = this.stoppage;
    if (reason !== undefined) return refuse(pending, notWritten(reason));
    const { mark } = this.recent;
    const answers: (() => void)[] = [];
    let group: AppendGroup;
    try {
      group = new AppendGroup(this.log, this.recent, Date.now());
      for (const { change, resolve, reject } of pending) {
        const outcome = applied(group, change);
        if (outcome instanceof DamagedLog) reject(outcome);
        else answers.push(() => resolve(outcome));
      }
      if (group.entries.length > 0) await this.log.commit(group);
    } catch (error) {
      this.recent.forgetSince(mark);
      refuse(pending, this.failure(error));
      return this.stoppage.commitFailed(error);
    }
    for (const answer of answers) answer();
    if (group.entries.length > 0) this.told = this.tellSubscribers(group);
  }

  private failure(cause: unknown): Error {
    if (!this.log.isTorn) return notWritten(writeTrouble(cause));
    return new CommitFailed('The events could not be written to disk', { cause });
  }

  /**
   * Publishes the events in the next turn of the event loop, when the answers are on their way. Groups keep their
   * order.
   */
  private async tellSubscribers({ entries, head }: AppendGroup): Promise<void> {
    await new Promise(setImmediate);
    this.feed.publish(entries, head.position);
  }
}
