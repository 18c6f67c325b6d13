import { randomUUID } from 'node:crypto';
import { landmarkOfDecoded, landmarkToText } from '#libs/event-store/continuity/landmark.js';
import type { Landmark } from '#libs/event-store/continuity/landmark.js';
import { SetAsideEvents } from '#libs/event-store/unreadable/set-aside-events.js';
import type { Json } from '#libs/domain/json.js';
import type { LogPosition } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import type { LogRead } from '#libs/event-store/stored/read-request.js';
import type { StoredEvent } from '#libs/event-store/stored/stored-event.js';
import type { LogSubscription, SubscribeToAll } from '#libs/event-store/subscription/log-subscription.js';
import { migrateReadModels } from '#libs/projections/postgres/migrate.js';
import type { ReadModelDatabase } from '#libs/projections/postgres/read-model-database.js';
import { PROJECTIONS } from '#libs/projections/projections.js';
import { openBuilds } from '#libs/projections/builds/generations.js';
import { openProjectionStores } from '#libs/projections/runner/projection-stores.js';
import type { ProjectionStores } from '#libs/projections/runner/projection-stores.js';
import { tablesOf } from '#libs/projections/builds/build-tables.js';
import type { Projection } from '#libs/projections/builds/projection.js';
import { storedFormOf } from '#test/support/stored-event.js';
import type { TestPostgres } from './postgres.js';
import { storedEvent } from './stored-event.js';

/** A new database with the first, empty generation of the read models. `close` ends the connections made here. */
export type ScratchDatabase = Readonly<{
  url: string;
  database: ReadModelDatabase;
  stores: ProjectionStores;
  close(): Promise<void>;
}>;

export const scratchDatabase = async (
  postgres: Pick<TestPostgres, 'createDatabase'>,
): Promise<ScratchDatabase> => {
  const url = await postgres.createDatabase();
  await migrateReadModels(url);
  const stores = openProjectionStores(url, PROJECTIONS.length);
  const { database } = stores;
  for (const projection of PROJECTIONS) await openBuilds(database, projection);
  return { url, database, stores, close: () => stores.close() };
};

/** Gives events the places they would have in a log: revisions by stream, and growing positions with gaps. */
export class LogBuilder {
  readonly events: PositionedEvent[] = [];
  private readonly revisions = new Map<string, number>();
  private commit = 0n;

  add(stream: string, event: Readonly<{ type: string; data: unknown }>, at?: Date): PositionedEvent {
    const revision = (this.revisions.get(stream) ?? -1) + 1;
    this.revisions.set(stream, revision);
    this.commit += 137n;
    const eventId = randomUUID();
    const added: PositionedEvent = {
      stream,
      revision,
      eventId,
      type: event.type,
      data: event.data as Json,
      at: at ?? new Date(Date.UTC(2026, 0, 1) + Number(this.commit)),
      metadata: {
        actor: { kind: 'system' },
        $correlationId: eventId,
        $causationId: eventId,
        schema: 1,
        node: 'spec',
      },
      position: { commit: this.commit, prepare: this.commit },
    };
    this.events.push(added);
    return added;
  }
}

/** The identity of the log from which everything in PostgreSQL was made. These tests accept any. */
export const ANY_LOG = {
  continuity: { confirmations: 0 },
  holds: async (): Promise<boolean> => true,
  landmarkAt: async (position: LogPosition): Promise<Landmark> => ({
    position,
    stream: '',
    revision: 0,
    eventId: '',
    at: 0,
  }),
};

/** How many events a read hands over at once. */
const STORED_BATCH = 256;

const asStored = (event: PositionedEvent): StoredEvent =>
  storedEvent({
    ...event,
    ticks: BigInt(event.at.getTime()) * 10_000n,
    data: JSON.stringify(event.data),
    metadata: JSON.stringify(event.metadata),
  });

/** Keeps a log in memory that hands its events over as the event store does, and can grow while it is followed. */
export class MemoryLog {
  readonly opened: SubscribeToAll[] = [];
  readonly setAside = new SetAsideEvents();
  private wake: (() => void)[] = [];

  constructor(readonly events: PositionedEvent[] = []) {}

  append(...events: PositionedEvent[]): void {
    this.events.push(...events);
    for (const wake of this.wake.splice(0)) wake();
  }

  landmarkOf(event: PositionedEvent): Landmark {
    return landmarkOfDecoded(event, event.stream);
  }

  async landmarkAt({ commit }: LogPosition): Promise<Landmark | undefined> {
    const found = this.events.find(({ position }) => position.commit === commit);
    return found && this.landmarkOf(found);
  }

  async holds(landmark: Landmark): Promise<boolean> {
    const found = await this.landmarkAt(landmark.position);
    return found !== undefined && landmarkToText(found) === landmarkToText(landmark);
  }

  async *readAll({ from }: { from?: LogPosition | 'start' | 'end' } = {}): AsyncGenerator<PositionedEvent> {
    const { commit } = from as LogPosition;
    yield* this.events.filter(({ position }) => position.commit >= commit);
  }

  async *readStream(stream: string): AsyncGenerator<PositionedEvent> {
    yield* this.events.filter((event) => event.stream === stream);
  }

  async *readStored({ from, filter }: LogRead): AsyncGenerator<readonly StoredEvent[]> {
    const first = typeof from === 'object' ? from.commit : 0n;
    const prefixes = filter && 'streams' in filter ? filter.streams : [''];
    const wanted = this.events.filter(
      ({ stream, position }) =>
        position.commit >= first && prefixes.some((prefix) => stream.startsWith(prefix)),
    );
    for (let at = 0; at < wanted.length; at += STORED_BATCH)
      yield wanted.slice(at, at + STORED_BATCH).map(asStored);
  }

  subscribeToAll(options: SubscribeToAll): LogSubscription {
    this.opened.push(options);
    const closing = new AbortController();
    const done = this.follow(options, closing.signal);
    return {
      close: async () => {
        closing.abort();
        for (const wake of this.wake.splice(0)) wake();
        await done;
      },
    };
  }

  private async follow(options: SubscribeToAll, closed: AbortSignal): Promise<void> {
    await Promise.resolve();
    const from = options.from as LogPosition;
    let next = this.events.findIndex(({ position }) => position.commit > from.commit);
    if (next === -1) next = this.events.length;
    while (!closed.aborted) {
      const event = this.events[next];
      if (event === undefined) {
        options.onCaughtUp?.();
        await new Promise<void>((resolve) => this.wake.push(resolve));
        continue;
      }
      next += 1;
      const wanted = options.streamPrefixes?.some((prefix) => event.stream.startsWith(prefix)) ?? true;
      if (wanted) await options.onEvent(event, storedFormOf(event));
      options.onProgress?.(event.position);
    }
  }
}

/**
 * Specifies a projection as: given these events, when it applies them, then these rows are there. The events come in
 * batches of any size, and any number of times.
 */
export const projecting = (
  database: ReadModelDatabase,
  projection: Projection,
  events: readonly PositionedEvent[],
): Readonly<{ once(batchSize?: number): Promise<void>; times(n: number): Promise<void> }> => {
  const batch = (some: readonly PositionedEvent[]): Promise<void> =>
    database.transaction((tx) => projection.apply(some, tx, tablesOf(1)));
  const once = async (batchSize = events.length): Promise<void> => {
    for (let i = 0; i < events.length; i += batchSize) await batch(events.slice(i, i + batchSize));
  };
  return {
    once,
    times: async (n) => {
      for (let i = 0; i < n; i++) await once();
    },
  };
};
