import type { EventLog } from '../storage/event-log.js';
import type { LogEntry } from '../storage/log-entry.js';
import type { LogWriter } from '../storage/log-writer.js';
import { recordData } from '../record/record.js';
import { metastreamOf } from '../storage/stream-state.js';
import { linkedEvent } from '../streams/resolve-link.js';
import { viewStream } from '../streams/stream-view.js';
import { metadataEvent, parkedEvent, parkedMetadata, parkedStreamOf } from './group-streams.js';
import { originalOf, type ResolvedEvent } from './resolved-event.js';

/** Keeps the messages that a group could not finish, as links in a stream of their own, until they are replayed. */
export class ParkedMessages {
  private readonly stream: string;

  constructor(
    private readonly log: EventLog,
    private readonly writer: LogWriter,
    key: string,
  ) {
    this.stream = parkedStreamOf(key);
  }

  get count(): number {
    const view = viewStream(this.log, this.stream, Date.now());
    return view.kind === 'readable' ? Math.max(0, view.last - view.first + 1) : 0;
  }

  /** Parks a message. @throws CommitFailed | WriterClosed */
  async parkMessage(resolved: ResolvedEvent, reason: string): Promise<void> {
    const { event } = resolved;
    // A link without a readable event is parked as that link.
    const target = event
      ? Buffer.from(`${event.revision}@${event.stream}`)
      : recordData(resolved.link.record);
    const about = { added: new Date(), reason, subscriptionEventNumber: originalOf(resolved).revision };
    const events = [parkedEvent(target, about)];
    await this.writer.submit({ kind: 'append', stream: this.stream, expected: 'any', events });
  }

  /**
   * Returns the parked messages before revision `stopAt` of their stream, oldest first, and the revision where they
   * end. Messages whose event is gone are left out.
   */
  read(stopAt = Number.POSITIVE_INFINITY): { found: { event: LogEntry; link: LogEntry }[]; end: number } {
    const view = viewStream(this.log, this.stream, Date.now());
    if (view.kind !== 'readable') return { found: [], end: 0 };
    const end = Math.min(stopAt, view.last + 1);
    const links = this.log.readStream(view, view.first, end - 1, 'forwards', Number.POSITIVE_INFINITY);
    const found = links.flatMap((link) => {
      const event = linkedEvent(this.log, link);
      return event ? [{ event, link }] : [];
    });
    return { found, end };
  }

  /** Marks the messages before revision `end` as replayed. @throws CommitFailed | WriterClosed */
  async truncate(end: number): Promise<void> {
    const events = [metadataEvent(parkedMetadata(end))];
    const stream = metastreamOf(this.stream);
    await this.writer.submit({ kind: 'append', stream, expected: 'any', events });
  }
}
