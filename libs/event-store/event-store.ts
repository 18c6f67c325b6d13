import { parseStreamName } from '#libs/domain/stream-names.js';
import { AppendChannels } from './append/append-channels.js';
import { WritingState } from './append/writing-state.js';
import { Backoff } from '#libs/time/backoff.js';
import { closeClient, connectClient } from './client.js';
import { decodeEvent, decodePositioned, isSystemEvent } from './codec/decode-event.js';
import { WrittenEvents } from './codec/written-events.js';
import { eventAt, isLandmarkIn, landmarkOf, landmarkOfDecoded } from './continuity/landmark.js';
import { LogContinuity } from './continuity/log-continuity.js';
import { lookoutOver } from './continuity/lookout-over.js';
import { translateError } from './error-translation.js';
import { StoreUnavailable } from './event-store.errors.js';
import { askServerVersion } from './server-version/ask-version.js';
import { findEnd, findStart } from './stored/ends-of-log.js';
import { logInPages, streamInPages } from './stored/pages.js';
import { openRead } from './stored/read-call.js';
import type { ReadCall } from './stored/read-call.js';
import { readStored } from './stored/read-stored.js';
import { wasScavenged } from './stored/was-scavenged.js';
import { ResilientSubscription } from './subscription/resilient-subscription.js';
import { StuckSources } from './subscription/stuck-sources.js';
import { SetAsideEvents } from './unreadable/set-aside-events.js';
import { UnreadableEvents } from './unreadable/unreadable-events.js';
import type { AppendResult } from './append/append-answer.js';
import type { StoreClient } from './client.js';
import type { Landmark } from './continuity/landmark.js';
import type { ExpectedRevision } from './event-store.errors.js';
import type { LogPosition } from './position.js';
import type { NewEvent, PositionedEvent, RecordedEvent } from './recorded-event.js';
import { firstOf, logRead } from './stored/read-request.js';
import type { EventRead, LogRead, StreamRead } from './stored/read-request.js';
import type { StoredEvent } from './stored/stored-event.js';
import type { StreamReadOptions } from './stored/stream-read-options.js';
import type { LogSubscription, SubscribeToAll } from './subscription/log-subscription.js';
import { newEvent } from './codec/new-event.js';

export type EventStoreOptions = Readonly<{
  connectionString: string;
  /**
   * Milliseconds that the store may take for an append, for the next event of a read or to open a subscription. Default
   * 10 s.
   */
  deadlineMs?: number;
  /** Returns jitter in [0, 1) for the pauses between attempts to reconnect. */
  random?: () => number;
}>;

/**
 * Gives access to the log; nothing else does. It connects when first used, and reconnects by itself after the store was
 * away.
 */
export class EventStore {
  /** Events that admins have decided to skip. The part of the process that folds the log fills it. */
  readonly setAside = new SetAsideEvents();
  /** Events in our streams that could not be understood, collected from every read and subscription. */
  readonly unreadable = new UnreadableEvents(this.setAside);
  /** Checks whether the log is still the one that was read. */
  readonly continuity = new LogContinuity((landmark) => this.holds(landmark));
  /** Whether the store writes what it is given, as far as its answers show. */
  readonly writing = new WritingState();
  /** Ends subscriptions, and reads that follow, when they are stuck; they are opened again. */
  readonly stuck: StuckSources;
  readonly #client: StoreClient;
  readonly #appends: AppendChannels;
  readonly #deadlineMs: number;
  readonly #random: () => number;
  readonly #subscriptions = new Set<LogSubscription>();
  readonly #written = new WrittenEvents();

  /** @throws Error when the connection string cannot be understood */
  constructor(options: EventStoreOptions) {
    this.#deadlineMs = options.deadlineMs ?? 10_000;
    this.stuck = new StuckSources(
      (read, signal) => this.#read(read, this.#deadlineMs, signal),
      this.#deadlineMs,
    );
    this.#random = options.random ?? Math.random;
    this.#client = connectClient(options.connectionString);
    this.#appends = new AppendChannels(this.#client, this.#deadlineMs, this.writing);
  }

  /**
   * Appends all events or none, at the expected revision. When this resolves they are on disk; the result is the
   * revision and position of the last one. After StoreUnavailable they may be there or not.
   *
   * @throws WrongExpectedRevision | StoreUnavailable | AppendTooLarge | StreamGone | LogReplaced | StoreFault
   */
  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    if (events.length === 0) throw new RangeError(`There is nothing to append to ${stream}`);
    await this.continuity.requireSameLog();
    if (parseStreamName(this.nameOf(stream))?.family === 'messages') this.#written.noteEvents(events);
    try {
      return await this.#appends.append({ stream, events, expected });
    } catch (error) {
      if (error instanceof StoreUnavailable) this.continuity.connectionLost();
      throw error;
    }
  }

  /**
   * Reads the events of one stream; none if it does not exist. `from` is a revision, inclusive; by default the read
   * begins at the start of the stream, or at its end when it goes backwards. After the events (backwards without a
   * limit: after each page of them) `onLastRevision` gets the revision of the last event ever written, even when
   * retention hides it. It is not called for a stream that does not exist or was deleted.
   *
   * @throws StoreUnavailable | StreamGone | StoreFault
   */
  readStream(stream: string, o: StreamReadOptions = {}): AsyncGenerator<RecordedEvent> {
    const direction = o.direction ?? 'forwards';
    const from = o.from ?? (direction === 'forwards' ? 'start' : 'end');
    const read = { stream, direction, onLastRevision: o.onLastRevision };
    if (direction === 'forwards' || o.limit !== undefined)
      return this.#decoded({ ...read, from, limit: o.limit });
    return streamInPages(from, (start, limit) => this.#decoded({ ...read, from: start, limit }));
  }

  async *#decoded(read: StreamRead): AsyncGenerator<RecordedEvent> {
    if (read.limit !== undefined && read.limit <= 0) return;
    const name = this.nameOf(read.stream);
    for await (const batch of this.#read({ ...read, tellsDamage: true }))
      for (const stored of batch) yield this.#seen(decodeEvent(stored, { stream: name }), name);
  }

  /**
   * Reads the events of the whole log in order. `from` is inclusive. The store's own events (`$`) are left out and do
   * not count towards the limit, unless `includeSystem` is set.
   *
   * @throws StoreUnavailable | StoreFault
   */
  async *readAll(
    o: Readonly<{
      direction?: LogRead['direction'];
      from?: LogPosition | 'start' | 'end';
      limit?: number;
      includeSystem?: boolean;
    }> = {},
  ): AsyncGenerator<PositionedEvent> {
    let left = o.limit ?? Infinity;
    if (left <= 0) return;
    const read = { ...logRead(o.direction ?? 'forwards', o.from), tellsDamage: true };
    for await (const batch of this.readStored(read)) {
      for (const stored of batch) {
        if (!o.includeSystem && isSystemEvent(stored, stored.stream)) continue;
        yield this.#seen(decodePositioned(stored), stored.stream);
        if (--left <= 0) return;
      }
    }
  }

  /**
   * Reads the log as it is stored, with nothing left out, parsed or lifted; see `readStored` for the guarantees.
   * @throws StoreUnavailable | UnknownPosition | StoreFault
   */
  async *readStored(read: LogRead, signal?: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    for await (const batch of this.#logOf(read, signal)) {
      const newest = read.direction === 'forwards' ? batch.at(-1) : batch[0];
      if (newest && newest.damaged === undefined) this.continuity.noteEvent(newest);
      yield batch;
    }
  }

  /**
   * Returns the landmark of the event exactly at a position, to recognize the place later. @throws StoreUnavailable |
   * StoreFault
   */
  async landmarkAt(position: LogPosition): Promise<Landmark | undefined> {
    const found = await eventAt(this.#lookout, position);
    return found && landmarkOf(found);
  }

  /** Returns the landmark of an event, to recognize its place later. */
  landmarkOf(event: PositionedEvent): Landmark {
    return landmarkOfDecoded(event, this.nameInStore(event.stream));
  }

  /** Returns whether this is the log in which a landmark was seen. @throws StoreUnavailable */
  async holds(landmark: Landmark): Promise<boolean> {
    return isLandmarkIn(this.#lookout, landmark);
  }

  /** Opens a catch-up subscription that survives restarts of the store; see `SubscribeToAll` for the guarantees. */
  subscribeToAll(options: SubscribeToAll): LogSubscription {
    const subscription = new ResilientSubscription(
      {
        open: (read, signal) => this.#open(read, signal),
        backoff: new Backoff(undefined, this.#random),
        findEnd: () => findEnd((read) => this.#read(read)),
        findStart: () => findStart((read) => this.#read(read)),
        confirmWithinMs: this.#deadlineMs,
        written: this.#written,
        nameOf: (stream) => this.nameOf(stream),
        continuity: this.continuity,
      },
      {
        ...options,
        onEvent: (event, stored) => options.onEvent(this.#seen(event, this.nameOf(event.stream)), stored),
      },
    );
    this.#subscriptions.add(subscription);
    return {
      close: async () => {
        this.#subscriptions.delete(subscription);
        await subscription.close();
      },
    };
  }

  /**
   * Replaces a stream's retention. `maxAge` is in seconds.
   * @throws StoreUnavailable | StreamGone | StoreFault
   */
  async setStreamMetadata(
    stream: string,
    m: Readonly<{ maxCount?: number; maxAge?: number }>,
  ): Promise<void> {
    const data = {
      ...(m.maxCount === undefined ? {} : { $maxCount: m.maxCount }),
      ...(m.maxAge === undefined ? {} : { $maxAge: m.maxAge }),
    };
    await this.append(`$$${stream}`, [newEvent({ type: '$metadata', data }, { node: '' })], 'any');
  }

  /**
   * Resolves when the store answers a read.
   * @throws StoreUnavailable when it does not within `timeoutMs`; StoreFault when it refuses
   */
  async ping(timeoutMs = this.#deadlineMs): Promise<void> {
    for await (const _ of this.#read(firstOf('backwards', 'end'), timeoutMs)) return;
  }

  /**
   * Returns whether events may be gone from the log: it was scavenged once, or the store does not say. @throws
   * StoreUnavailable
   */
  wasScavenged(): Promise<boolean> {
    return wasScavenged((read) => this.#read(read));
  }

  /**
   * Returns the version that the server names; undefined for a server that can't.
   * @throws StoreUnavailable | StoreFault
   */
  async readServerVersion(): Promise<string | undefined> {
    try {
      return await askServerVersion(this.#client, this.#deadlineMs);
    } catch (error) {
      throw translateError(error);
    }
  }

  /** Ends all open subscriptions, reads and appends, and the connection, which can't be used afterwards. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    this.#appends.close();
    this.stuck.stopWatching();
    await closeClient(this.#client);
  }

  /** Returns the name by which users of this store know a stream, given its name in the store. */
  protected nameOf(stream: string): string {
    return stream;
  }

  /** Returns the name of a stream in the store, given the name that users know. */
  protected nameInStore(stream: string): string {
    return stream;
  }

  readonly #lookout = lookoutOver((read) => this.#read(read));

  #seen<Event extends RecordedEvent>(event: Event, stream: string): Event {
    if (event.unreadable !== undefined) this.unreadable.noteEvent({ ...event, stream });
    return event;
  }

  #logOf(read: LogRead, signal?: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    const open = (page: LogRead) => this.#read(page, this.#deadlineMs, signal);
    if (read.follow || read.limit !== undefined) return open(read);
    return logInPages(read.from, (from, limit) => open({ ...read, from, limit }));
  }

  #read<Read extends EventRead>(read: Read, silenceMs = this.#deadlineMs, signal?: AbortSignal) {
    return readStored(() => this.#open(read, signal, silenceMs), read, silenceMs, signal);
  }

  /** Opens a read, and watches it if it follows the log. */
  async #open(read: EventRead, signal?: AbortSignal, withinMs?: number): Promise<ReadCall> {
    const call = await openRead(this.#client, read, signal, withinMs);
    if (!('stream' in read) && read.follow) this.stuck.watchSource(call, read);
    return call;
  }
}
