import { EventStore } from './event-store.js';
import type { AppendResult } from './append/append-answer.js';
import type { ExpectedRevision } from './event-store.errors.js';
import type { EventStoreOptions } from './event-store.js';
import type { NewEvent, RecordedEvent } from './recorded-event.js';
import type { LogRead, StoredFilter } from './stored/read-request.js';
import type { StoredEvent } from './stored/stored-event.js';
import type { LogSubscription, SubscribeToAll } from './subscription/log-subscription.js';

/**
 * Gives a user a log of its own within a log that others also write to. Every stream is stored under `<scope>.<name>`,
 * and no other stream is visible. The user sees the names without the scope. Positions are those of the whole log.
 *
 * Streams of another scope belong to no stream family (`messages-`, `bot-`, …), so a system without a scope skips them.
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
      // An empty batch means that nothing more is there for now. A batch with only foreign events does not mean that.
      if (ours.length > 0 || batch.length === 0) yield ours;
    }
  }

  override subscribeToAll(options: SubscribeToAll): LogSubscription {
    const { streamPrefixes = [''], eventTypes, onEvent } = options;
    return super.subscribeToAll({
      ...options,
      ...(!eventTypes && { streamPrefixes: streamPrefixes.map((prefix) => this.#outside(prefix)) }),
      onEvent: (event, stored) => {
        const ours = this.#within(event);
        return ours && onEvent(ours, stored);
      },
    });
  }

  /** Streams of others belong to no family, whatever their names. */
  protected override nameOf(stream: string): string {
    return this.#within({ stream })?.stream ?? '';
  }

  protected override nameInStore(stream: string): string {
    return this.#outside(stream);
  }

  /** Returns the one filter that the store accepts. If it is used for types, streams of others are dropped here. */
  #filter(filter: StoredFilter | undefined): StoredFilter {
    if (filter === undefined) return { streams: [this.#prefix, `$$${this.#prefix}`] };
    return 'types' in filter ? filter : { streams: filter.streams.map((name) => this.#outside(name)) };
  }

  /** Adds the scope to a name. The metadata of a stream are in a stream named after it. */
  #outside(stream: string): string {
    return stream.startsWith('$$') ? `$$${this.#prefix}${stream.slice(2)}` : this.#prefix + stream;
  }

  #within<Event extends Readonly<{ stream: string }>>(event: Event): Event | undefined {
    const lead = event.stream.startsWith('$$') ? '$$' : '';
    if (!event.stream.startsWith(lead + this.#prefix)) return undefined;
    return { ...event, stream: lead + event.stream.slice(lead.length + this.#prefix.length) };
  }
}

/** Returns the prefix of all stream names of a scope. */
export const scopePrefix = (scope: string): string => `${scope}.`;
