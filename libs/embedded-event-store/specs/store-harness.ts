import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  EventStoreDBClient,
  jsonEvent,
  type AllStreamSubscription,
  type EventData,
  type ResolvedEvent,
} from '@eventstore/db-client';
import {
  startEmbeddedEventStore,
  type EmbeddedEventStore,
  type EmbeddedEventStoreOptions,
} from '../embedded-event-store.js';

/** Runs a store in a folder of its own, which can be stopped and started again. */
export class StoreHarness {
  private readonly clients: EventStoreDBClient[] = [];

  private constructor(
    readonly dataDir: string,
    private store: EmbeddedEventStore,
  ) {}

  static async start(): Promise<StoreHarness> {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'event-store-'));
    return new StoreHarness(dataDir, await startEmbeddedEventStore({ dataDir }));
  }

  get connectionString(): string {
    return this.store.connectionString;
  }

  get port(): number {
    return this.store.port;
  }

  client(connectionString = this.connectionString): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(connectionString);
    this.clients.push(client);
    return client;
  }

  async restart(): Promise<void> {
    await this.restartAfter(async () => {});
  }

  /** Restarts the store, with a change to the data folder in between. */
  async restartAfter(
    change: () => Promise<void>,
    options: Partial<EmbeddedEventStoreOptions> = {},
  ): Promise<void> {
    const { port } = this.store;
    await this.store.close();
    await change();
    this.store = await startEmbeddedEventStore({ dataDir: this.dataDir, port, ...options });
  }

  async stopStore(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.dispose()));
    await this.store.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** Returns a name that no other test uses. */
export const streamName = (category = 'stream'): string => `${category}-${randomUUID()}`;

export const event = (number = 0, type = 'Counted', id = randomUUID()): EventData =>
  jsonEvent({ id, type, data: { number } });

export const events = (count: number, first = 0): EventData[] =>
  Array.from({ length: count }, (_, i) => event(first + i));

/** Returns everything that a read gives. */
export const collect = async (source: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> => {
  const all: ResolvedEvent[] = [];
  for await (const resolved of source) all.push(resolved);
  return all;
};

/** Returns the numbers in the data of events. */
export const numbers = (resolved: readonly ResolvedEvent[]): number[] =>
  resolved.map(({ event: recorded }) => (recorded!.data as { number: number }).number);

export const revisions = (resolved: readonly ResolvedEvent[]): bigint[] =>
  resolved.map(({ event: recorded }) => recorded!.revision);

/** Resolves when the condition holds, which is checked after each of the emitter's named events. */
export const until = (
  emitter: Pick<AllStreamSubscription, 'on'>,
  names: readonly ('data' | 'caughtUp' | 'error' | 'end' | 'close')[],
  condition: () => boolean,
): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (condition()) resolve();
    };
    for (const name of names) emitter.on(name as 'data', look);
    look();
  });
