import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import { StoreUnavailable, WrongExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { ExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { NewEvent, PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { Clock } from '#libs/platform/clock.js';
import type { Random } from '#libs/harness/random.js';

export type LogOptions = Readonly<{
  /** A fault planted to prove the checker: answers come before what they speak of is on disk. */
  answersBeforeSync?: boolean;
}>;

type Done = (result: AppendResult | Error) => void;

/**
 * The event store as the real one behaves towards its clients: an append takes effect as a whole, when it has been
 * synced; one whose ids lie at the expected place already is taken for a repeat; a crash takes what was not synced.
 */
export class SimulatedLog {
  readonly events: PositionedEvent[] = [];
  readonly streams = new Map<string, PositionedEvent[]>();
  /** How many of a stream's first events retention hides from who reads the stream; the log as a whole still has them. */
  readonly hidden = new Map<string, number>();
  isUp = true;
  private run = 0;
  private synced = 0;
  private readonly watchers = new Set<() => void>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly options: LogOptions = {},
  ) {}

  /** Calls `done` once, with a result or an error; after a crash nobody is told anything but that. */
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

  /** Retention becomes stricter. It is never taken back, for what it hides may be scavenged. */
  hide(stream: string, count: number): void {
    this.hidden.set(stream, Math.max(count, this.hidden.get(stream) ?? 0));
  }

  /** Calls after each append and when it is up again. */
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
