import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { ExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { NewEvent, PositionedEvent, RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Clock } from '#libs/time/clock.js';
import { firstReadable, isSoftDeleted, oldestReadable } from '#libs/embedded-event-store/rules/retention.js';
import type { Retention } from '#libs/embedded-event-store/rules/retention.js';
import type { RetentionRule } from '#tools/harness/checker/retention-record.js';
import type { Random } from '#tools/harness/random.js';

export type LogOptions = Readonly<{
  /** A fault planted to prove the checker: answers come before the events are on disk. */
  answersBeforeSync?: boolean;
  onRule?: (stream: string, rule: RetentionRule) => void;
  onScavenge?: () => void;
}>;

type Done = (result: AppendResult | Error) => void;

/**
 * Behaves as the real event store does towards its clients. An append takes effect as a whole, once it is synced. An
 * append whose ids already lie at the expected place is taken for a repeat. A crash takes what was not synced. What
 * retention hides cannot be read from its stream; what was scavenged cannot be read at all. `events` and `streams`
 * still have it.
 */
export class SimulatedLog {
  readonly events: PositionedEvent[] = [];
  readonly streams = new Map<string, PositionedEvent[]>();
  private readonly rules = new Map<string, RetentionRule>();
  /** The first revision that scavenging left, by stream. */
  private readonly firstKept = new Map<string, number>();
  isUp = true;
  private run = 0;
  private synced = 0;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly options: LogOptions = {},
  ) {}

  /** Calls `done` once, with a result or an error. After a crash, every append that waits gets that error. */
  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision, done: Done): void {
    if (!this.isUp) {
      done(new StoreUnavailable('The store is away'));
      return;
    }
    const { run } = this;
    const syncMs = this.random.between(0, 4);
    if (this.options.answersBeforeSync) {
      done(this.commit(stream, events, expected));
      this.clock.after(
        syncMs * 10,
        () => (this.synced = run === this.run ? this.events.length : this.synced),
      );
      return;
    }
    this.clock.after(syncMs, () =>
      done(
        run === this.run ? this.commit(stream, events, expected) : new StoreUnavailable('The store crashed'),
      ),
    );
  }

  stream(name: string): readonly PositionedEvent[] {
    return this.streams.get(name) ?? [];
  }

  /** Sets the retention of a stream. Events that the earlier rule hid may appear again, unless they were scavenged. */
  retain(stream: string, rule: RetentionRule): void {
    this.rules.set(stream, rule);
    this.options.onRule?.(stream, rule);
  }

  /** How many of a stream's first events are hidden from whoever reads it now. */
  hidden(stream: string): number {
    const all = this.stream(stream);
    const retention = retentionOf(this.rules.get(stream));
    const oldest = oldestReadable(retention, this.clock.now());
    let first = Math.max(this.firstKept.get(stream) ?? 0, firstReadable(retention, all.length - 1));
    while (first < all.length && all[first]!.at.getTime() < oldest) first += 1;
    return Math.min(first, all.length);
  }

  /**
   * Whether the stream was deleted and nothing was written to it since. Readers are told that there is no such stream.
   */
  isDeleted(stream: string): boolean {
    return isSoftDeleted(retentionOf(this.rules.get(stream)));
  }

  /** Whether the log still has an event, that is, whether it was not scavenged. */
  has({ stream, revision }: RecordedEvent): boolean {
    return revision >= (this.firstKept.get(stream) ?? 0);
  }

  /** Drops what retention hides, except for the last event of each stream. */
  scavenge(): void {
    for (const [stream, { length }] of this.streams) {
      const cut = Math.min(this.hidden(stream), length - 1);
      this.firstKept.set(stream, Math.max(cut, this.firstKept.get(stream) ?? 0));
    }
    this.put('$scavenges', RUN);
    this.options.onScavenge?.();
  }

  /** Calls after each append, and when the log is up again. */
  watch(call: () => void): () => void {
    this.watchers.add(call);
    return () => this.watchers.delete(call);
  }

  crash(): void {
    this.isUp = false;
    this.run += 1;
    if (!this.options.answersBeforeSync) return;
    for (const lost of this.events.splice(this.synced)) this.streams.get(lost.stream)!.pop();
  }

  restart(): void {
    this.isUp = true;
    this.tell();
  }

  private commit(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): AppendResult | Error {
    const before = this.stream(stream);
    const actual = before.length - 1;
    const wanted = expected === 'no_stream' ? -1 : expected;
    if (typeof wanted === 'number' && wanted !== actual) {
      const repeat = events.every(({ eventId }, index) => before[wanted + 1 + index]?.eventId === eventId);
      if (!repeat) return new WrongExpectedRevision(stream, expected, actual < 0 ? 'no_stream' : actual);
      const last = before[wanted + events.length]!;
      return { revision: last.revision, position: last.position };
    }
    // The first event after a deletion brings the stream back, from that event on (AppendDecision `undelete`).
    if (this.isDeleted(stream)) this.retain(stream, { $tb: before.length });
    for (const event of events) this.put(stream, event);
    this.tell();
    const last = this.events.at(-1)!;
    return { revision: last.revision, position: last.position };
  }

  private put(stream: string, event: NewEvent): void {
    const own = this.streams.get(stream) ?? [];
    this.streams.set(stream, own);
    const commit = BigInt(this.events.length * 100);
    const recorded: PositionedEvent = {
      ...event,
      stream,
      revision: own.length,
      at: new Date(this.clock.now()),
      position: { commit, prepare: commit },
    };
    own.push(recorded);
    this.events.push(recorded);
  }

  private tell(): void {
    for (const call of this.watchers) call();
  }
}

const retentionOf = ({ $maxCount, $maxAge, $tb }: RetentionRule = {}): Retention => ({
  ...($maxCount !== undefined && { maxCount: $maxCount }),
  ...($maxAge !== undefined && { maxAge: $maxAge }),
  ...($tb !== undefined && { truncateBefore: $tb }),
});

const RUN: NewEvent = {
  eventId: '00000000-0000-4000-8000-000000000000',
  type: '$>',
  data: {},
  metadata: { actor: { kind: 'system' }, $correlationId: '', $causationId: '', schema: 1, node: '' },
};
