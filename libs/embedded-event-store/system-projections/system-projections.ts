import { randomUuid, uuidText } from '../rules/uuid.js';
import type { EventLog } from '../storage/event-log.js';
import type { LiveFeed } from '../storage/live-feed.js';
import { wholeEntries, type LogEntry } from '../storage/log-entry.js';
import { WriterClosed, type LogWriter } from '../storage/log-writer.js';
import {
  TOMBSTONE_REVISION,
  recordData,
  recordId,
  recordMetadata,
  type ProposedEvent,
} from '../record/record.js';
import { linksOfEvent, type ProposedLink } from './links-of-event.js';
import { sleep } from '#libs/time/sleep.js';

const PAGE = 256;
const RETRY_MS = 1000;
/** Events linked between two checkpoints, which a start has to look at again. */
const CHECKPOINT_EVERY = 4000;
const CHECKPOINT_STREAM = '$projections-$by_category-checkpoint';
const CHECKPOINT_TYPE = '$ProjectionCheckpoint';
/** Number of streams whose last link is remembered. */
const CACHED_STREAMS = 20_000;

/**
 * Keeps the streams of `$by_category` and `$by_event_type` up to date with the log. Each event is linked once, even
 * after an interruption: a link names the position that it comes from, so the last link of a stream shows what the
 * stream already has.
 */
export class SystemProjections {
  private readonly controller = new AbortController();
  private readonly lastLinked = new Map<string, number>();
  private cursor: number;
  private sinceCheckpoint = 0;
  private running: Promise<void> | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly feed: LiveFeed,
    private readonly writer: LogWriter,
  ) {
    this.cursor = this.positionOfLast(CHECKPOINT_STREAM) + 1;
    if (this.cursor > 0) this.cursor = log.positionAfter(this.cursor - 1);
  }

  start(): void {
    this.running ??= this.linkEvents();
  }

  async stopProjections(): Promise<void> {
    this.controller.abort();
    await this.running;
  }

  private async linkEvents(): Promise<void> {
    const { signal } = this.controller;
    while (!signal.aborted) {
      try {
        const entries =
          this.feed.entriesFrom(this.cursor, PAGE) ??
          wholeEntries(this.log.readAll(this.cursor, 'forwards', PAGE));
        if (entries.length === 0) await this.feed.whenChanged(signal);
        else await this.link(entries);
      } catch (error) {
        if (error instanceof WriterClosed) return;
        this.lastLinked.clear(); // some links of the failed batch may be written
        await sleep(RETRY_MS, signal);
      }
    }
  }

  private async link(entries: readonly LogEntry[]): Promise<void> {
    const byStream = new Map<string, ProposedEvent[]>();
    const last = entries.at(-1)!;
    for (const entry of entries)
      for (const link of linksOfEvent(sourceOf(entry))) {
        if (this.hasLinked(link.stream, entry.position)) continue;
        const events = byStream.get(link.stream);
        if (events) events.push(linkEvent(link, entry));
        else byStream.set(link.stream, [linkEvent(link, entry)]);
        this.sinceCheckpoint += 1;
      }
    await this.append(byStream);
    for (const stream of byStream.keys()) this.lastLinked.set(stream, last.position);
    this.cursor = last.next;
    if (this.sinceCheckpoint < CHECKPOINT_EVERY) return;
    this.sinceCheckpoint = 0;
    await this.append(new Map([[CHECKPOINT_STREAM, [event(CHECKPOINT_TYPE, true, '{}', comesFrom(last))]]]));
  }

  /** Resolves when every link is on disk. Streams that were deleted for good get none. */
  private async append(byStream: ReadonlyMap<string, readonly ProposedEvent[]>): Promise<void> {
    const changes = [...byStream].map(([stream, events]) =>
      this.writer.submit({ kind: 'append', stream, expected: 'any', events }),
    );
    await Promise.all(changes);
  }

  private hasLinked(stream: string, position: number): boolean {
    let last = this.lastLinked.get(stream);
    if (last === undefined) {
      if (this.lastLinked.size >= CACHED_STREAMS) this.lastLinked.clear();
      last = this.positionOfLast(stream);
      this.lastLinked.set(stream, last);
    }
    return position <= last;
  }

  /** Returns the position that the last event of a projection's stream comes from; -1 without an event. */
  private positionOfLast(stream: string): number {
    const state = this.log.streamState(stream);
    if (!state || state.lastRevision < 0) return -1;
    const entry = this.log.entryAt(state.id, state.lastRevision);
    return entry ? originOf(recordMetadata(entry.record)) : -1;
  }
}

const sourceOf = (entry: LogEntry) => ({
  stream: entry.stream,
  type: entry.type,
  revision: entry.revision === TOMBSTONE_REVISION ? '9223372036854775807' : String(entry.revision),
  data: recordData(entry.record),
});

const linkEvent = (link: ProposedLink, entry: LogEntry): ProposedEvent =>
  event('$>', false, link.target, {
    ...comesFrom(entry),
    ...link.metadata,
    $causedBy: uuidText(recordId(entry.record)),
  });

/** Returns a place in the log in the format of projections (CheckpointTag.cs). */
const comesFrom = ({ position }: LogEntry): Record<string, string | number> => ({
  $v: '1:-1:1:4',
  $c: position,
  $p: position,
});

const originOf = (metadata: Buffer): number => {
  try {
    const { $c } = JSON.parse(metadata.toString()) as { $c?: unknown };
    return typeof $c === 'number' ? $c : -1;
  } catch {
    return -1;
  }
};

const event = (type: string, isJson: boolean, data: string, metadata: object): ProposedEvent => ({
  id: randomUuid(),
  type,
  isJson,
  data: Buffer.from(data),
  metadata: Buffer.from(JSON.stringify(metadata)),
});
