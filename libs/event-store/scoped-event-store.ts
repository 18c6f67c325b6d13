import { EventStore } from './event-store.js';
import type { AppendResult } from './append/append-answer.js';
import type { ExpectedRevision } from './event-store.errors.js';
import type { EventStoreOptions } from './event-store.js';
import type { NewEvent, RecordedEvent } from './recorded-event.js';
import type { LogRead, StoredFilter } from './stored/read-request.js';
import type { StoredEvent } from './stored/stored-event.js';
import type { LogSubscription, SubscribeToAll } from './subscription/log-subscription.js';

/**
 * A log of one's own within a log that others write to as well: every stream lies in the store under `<scope>.<name>`, and no other is
 * seen. To whoever uses it names are what they are without a scope. Positions are those of the whole log.
 *
 * Streams of another scope are of no family of ours (`messages-`, `bot-`, …), so that who has none passes over them.
 */
export class ScopedEventStore extends EventStore {
  readonly #prefix: string;

  /** @throws Error when the connection string cannot be understood */
  constructor({ scope, ...options }: EventStoreOptions & Readonly<{ scope: string }>) {
    super(options);
    this.#prefix = scopePrefix(scope);
  }

  override append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    return super.append(this.#outside(stream), events, expected);
  }

  override async *readStream(
    ...[stream, options]: Parameters<EventStore['readStream']>
  ): AsyncGenerator<RecordedEvent> {
    for await (const event of super.readStream(this.#outside(stream), options)) yield { ...event, stream };
  }

  override async *readStored(read: LogRead, signal?: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    const filter = this.#filter(read.filter);
    for await (const batch of super.readStored({ ...read, filter }, signal)) {
      const ours = batch.flatMap((event) => this.#within(event) ?? []);
      // An empty batch says that there is nothing more for now, which events of others do not.
      if (ours.length > 0 || batch.length === 0) yield ours;
    }
  }

  override subscribeToAll(options: SubscribeToAll): LogSubscription {
    const { streamPrefixes = [''], eventTypes, onEvent } = options;
    return super.subscribeToAll({
      ...options,
      ...(!eventTypes && { streamPrefixes: streamPrefixes.map((prefix) => this.#outside(prefix)) }),
      onEvent: (event) => {
        const ours = this.#within(event);
        return ours && onEvent(ours);
      },
    });
  }

  /** Streams of others are of no family, whatever their names. */
  protected override nameOf(stream: string): string {
    return this.#within({ stream })?.stream ?? '';
  }

  protected override nameInStore(stream: string): string {
    return this.#outside(stream);
  }

  /** The store takes one filter: types are left to it, and streams of others are dropped here. */
  #filter(filter: StoredFilter | undefined): StoredFilter {
    if (filter === undefined) return { streams: [this.#prefix, `$$${this.#prefix}`] };
    return 'types' in filter ? filter : { streams: filter.streams.map((name) => this.#outside(name)) };
  }

  /** A stream's metadata are named after it. */
  #outside(stream: string): string {
    return stream.startsWith('$$') ? `$$${this.#prefix}${stream.slice(2)}` : this.#prefix + stream;
  }

  #within<Event extends Readonly<{ stream: string }>>(event: Event): Event | undefined {
    const lead = event.stream.startsWith('$$') ? '$$' : '';
    if (!event.stream.startsWith(lead + this.#prefix)) return undefined;
    return { ...event, stream: lead + event.stream.slice(lead.length + this.#prefix.length) };
  }
}

/** What the names of all streams of a scope begin with. */
export const scopePrefix = (scope: string): string => `${scope}.`;
