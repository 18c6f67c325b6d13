import {
  START,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type EventStoreDBClient,
  type PersistentSubscriptionToStream,
  type PersistentSubscriptionToStreamSettings,
} from '@eventstore/db-client';
import { onTestFinished } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { events, streamName } from './streams.js';

export const fromStart = persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START });
export const ofAllFromStart = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });

export const GROUP = 'contract-group';

/** Makes a stream of `count` events with a group that begins at its start. The group is removed after the test. */
export const groupOn = async (
  client: EventStoreDBClient,
  count: number,
  changes: Partial<PersistentSubscriptionToStreamSettings> = {},
): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  await client.createPersistentSubscriptionToStream(stream, GROUP, { ...fromStart, ...changes });
  onTestFinished(() => client.deletePersistentSubscriptionToStream(stream, GROUP).catch(() => undefined));
  return stream;
};

type Delivery = PersistentSubscriptionToStream extends AsyncIterable<infer T> ? T : never;

/** A consumer that keeps what it receives and answers only when told to. */
export class Consumer {
  readonly received: Delivery[] = [];
  readonly errors: unknown[] = [];

  private constructor(private readonly subscription: PersistentSubscriptionToStream) {
    subscription.on('data', (event) => void this.received.push(event));
    subscription.on('error', (error) => void this.errors.push(error));
    onTestFinished(() => subscription.unsubscribe().catch(() => undefined));
  }

  /** Resolves once the server has confirmed the consumer. @throws the error with which the server refuses it */
  static async join(client: EventStoreDBClient, stream: string, bufferSize = 10): Promise<Consumer> {
    const subscription = client.subscribeToPersistentSubscriptionToStream(stream, GROUP, { bufferSize });
    const consumer = new Consumer(subscription);
    await new Promise<void>((resolve, reject) => {
      subscription.once('confirmation', () => resolve()).once('error', reject);
    });
    return consumer;
  }

  /** The numbers of the events it received, in order. */
  get numbers(): number[] {
    return this.received.map(({ event }) => (event!.data as { number: number }).number);
  }

  /** How often each event was sent before, in order. */
  get retries(): number[] {
    return this.received.map(({ retryCount }) => retryCount);
  }

  async until(count: number): Promise<void> {
    await waitFor(`${count} events`, () => this.received.length >= count, 20_000);
  }

  async ack(...indices: number[]): Promise<void> {
    await this.subscription.ack(...indices.map((index) => this.received[index]!));
  }

  async nack(action: 'park' | 'retry' | 'skip' | 'stop', ...indices: number[]): Promise<void> {
    await this.subscription.nack(action, 'as told', ...indices.map((index) => this.received[index]!));
  }

  /** Acknowledges everything it has and receives from now on. */
  ackAll(): void {
    this.subscription.on('data', (event) => void this.subscription.ack(event));
    for (const event of this.received) void this.subscription.ack(event);
  }

  async leave(): Promise<void> {
    await this.subscription.unsubscribe();
  }

  async failed(): Promise<unknown> {
    await waitFor('an error', () => this.errors.length > 0);
    return this.errors[0];
  }
}
