import type { AppendResult } from '#libs/event-store/append/append-answer.js';
import { StoreUnavailable } from '#libs/event-store/event-store.errors.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { ExpectedRevision } from '#libs/event-store/event-store.errors.js';
import type { EventStore } from '#libs/event-store/event-store.js';
import type { LogListener } from '#libs/event-store/log-feed.js';
import type { NewEvent, PositionedEvent, RecordedEvent } from '#libs/event-store/recorded-event.js';
import type { Clock } from '#libs/time/clock.js';
import type { Random } from '#tools/harness/random.js';
import { storedFormOf } from '#test/support/stored-event.js';
import type { SimulatedLog } from './simulated-log.js';

type Store = Pick<
  EventStore,
  'append' | 'readStream' | 'readAll' | 'setStreamMetadata' | 'setAside' | 'wasScavenged'
>;
type ReadOptions = NonNullable<Parameters<EventStore['readStream']>[1]>;

/** The probability that an answer of the store is lost. */
const LOSS = 0.02;

/**
 * The connection of one gateway to the event store. Its calls take time and may fail before or after they took effect.
 * Its subscription brings the log in order, with any delay. A request that was sent arrives even if its sender is dead.
 */
export class StoreLink implements Store {
  isCut = false;
  readonly setAside = new SetAsideEvents();
  private listener: LogListener | undefined;
  private next = 0;
  private pumping = false;
  private readonly unwatch: () => void;

  constructor(
    private readonly log: SimulatedLog,
    private readonly world: Clock,
    private readonly process: Clock,
    private readonly random: Random,
  ) {
    this.unwatch = log.watch(() => this.pump());
  }

  append(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      const lost = this.random.chance(LOSS);
      const answer = (result: AppendResult | Error): void => {
        this.process.after(this.latency(), () => {
          if (this.isCut || lost) reject(new StoreUnavailable('The answer was lost'));
          else if (result instanceof Error) reject(result);
          else resolve(result);
        });
      };
      this.world.after(this.latency(), () => {
        if (this.isCut) answer(new StoreUnavailable('No way to the store'));
        else this.log.append(stream, events, expected, answer);
      });
    });
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<RecordedEvent> {
    await this.travel();
    const { direction = 'forwards', limit = Infinity } = options;
    const all = this.log.stream(stream);
    if (all.length === 0 || this.log.isDeleted(stream)) return;
    const hidden = this.log.hidden(stream);
    if (direction === 'forwards') {
      const from = Math.max(hidden, typeof options.from === 'number' ? options.from : 0);
      const end = all.length - 1;
      yield* all.slice(from, from + limit);
      options.onLastRevision?.(end);
      return;
    }
    const last = typeof options.from === 'number' ? options.from : all.length - 1;
    yield* all.slice(Math.max(hidden, last + 1 - limit), last + 1).toReversed();
    // Reads come page by page. The last revision counts what was appended since the first page, although those events
    // were not sent.
    options.onLastRevision?.(all.length - 1);
  }

  async *readAll(): AsyncGenerator<PositionedEvent> {
    await this.travel();
    yield* this.log.events.filter((event) => this.log.has(event)).toReversed();
  }

  async wasScavenged(): Promise<boolean> {
    await this.travel();
    return this.log.stream('$scavenges').length > 0;
  }

  async setStreamMetadata(): Promise<void> {
    await this.travel();
  }

  /** Takes the place of the log's feed. */
  listen(listener: LogListener): void {
    this.listener = listener;
    const { after } = listener;
    this.next = after ? this.log.events.filter(({ position }) => position.commit <= after.commit).length : 0;
    this.pump();
  }

  /** Resolves once everything that is in the log now has been delivered. */
  async level(): Promise<void> {
    await this.travel();
    const count = this.log.events.length;
    while (this.next < count) await new Promise<void>((resolve) => this.process.after(5, resolve));
  }

  cut(): void {
    this.isCut = true;
  }

  heal(): void {
    this.isCut = false;
    this.pump();
  }

  end(): void {
    this.unwatch();
  }

  /** Delivers a few events at a time. */
  private pump(): void {
    if (
      this.pumping ||
      this.listener === undefined ||
      !this.canReach() ||
      this.next >= this.log.events.length
    )
      return;
    this.pumping = true;
    this.process.after(this.latency(), () => {
      this.pumping = false;
      if (!this.canReach()) return;
      const count = Math.ceil(this.random.between(0, 6));
      for (const event of this.log.events.slice(this.next, this.next + count)) {
        this.next += 1;
        if (event.stream.startsWith('messages-') && this.log.has(event))
          this.listener!.onEvent(event, storedFormOf(event));
      }
      this.pump();
    });
  }

  private canReach(): boolean {
    return this.log.isUp && !this.isCut;
  }

  private async travel(): Promise<void> {
    await new Promise<void>((resolve) => this.process.after(this.latency(), resolve));
    if (!this.canReach()) throw new StoreUnavailable('The store is away');
  }

  private latency(): number {
    return this.random.chance(0.02) ? this.random.between(20, 1_500) : this.random.between(0, 6);
  }
}
