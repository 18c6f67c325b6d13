import {
  END,
  PersistentSubscriptionDroppedError,
  START,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  streamNameFilter,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreHarness, collect, events, numbers, revisions, streamName } from './store-harness.js';

const GROUP = 'workers';
const settings = persistentSubscriptionToStreamSettingsFromDefaults({
  startFrom: START,
  checkPointUpperBound: 2,
  checkPointLowerBound: 1,
});

let store: StoreHarness;
beforeEach(async () => (store = await StoreHarness.start()));
afterEach(() => store.stopStore());

/** Takes this many messages, and acknowledges those that `done` selects. */
const work = async (
  client: EventStoreDBClient,
  stream: string,
  count: number,
  done: (number: number) => 'ack' | 'park' | 'leave',
): Promise<number[]> => {
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, GROUP);
  const seen: number[] = [];
  for await (const message of subscription) {
    const { number } = message.event!.data as { number: number };
    seen.push(number);
    const verdict = done(number);
    if (verdict === 'ack') await subscription.ack(message);
    else if (verdict === 'park') await subscription.nack('park', 'no use', message);
    if (seen.length < count) continue;
    // An answer takes a moment to reach the group. A consumer that leaves earlier takes its answers along.
    const left = seen.filter((taken) => done(taken) === 'leave').length;
    const info = () => client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
    await expect.poll(async () => (await info()).stats.outstandingMessagesCount).toBe(left);
    break;
  }
  return seen;
};

const checkpoints = async (client: EventStoreDBClient, stream: string): Promise<unknown[]> =>
  (
    await collect(client.readStream(`$persistentsubscription-${stream}::${GROUP}-checkpoint`)).catch(() => [])
  ).map(({ event }) => event!.data);

describe('after a restart of the store', () => {
  it('a group still exists and continues after its checkpoint', async () => {
    const stream = streamName();
    const client = store.client();
    await client.appendToStream(stream, events(5));
    await client.createPersistentSubscriptionToStream(stream, GROUP, settings);
    await work(client, stream, 5, (number) => (number < 4 ? 'ack' : 'leave'));
    await expect.poll(() => checkpoints(client, stream)).toEqual(['1', '3']);
    const before = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
    await store.restart();
    const after = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
    expect(after.settings).toEqual(before.settings);
    expect(after.stats.lastCheckpointedEventRevision).toBe(3n);
    await client.appendToStream(stream, events(1, 5));
    expect(await work(client, stream, 2, () => 'ack')).toEqual([4, 5]);
  });

  it('parked messages are still there and can be replayed', async () => {
    const stream = streamName();
    const client = store.client();
    await client.appendToStream(stream, events(3));
    await client.createPersistentSubscriptionToStream(stream, GROUP, {
      ...settings,
      checkPointUpperBound: 1,
    });
    await work(client, stream, 3, () => 'park');
    const parked = async (): Promise<bigint> =>
      (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats.parkedMessageCount;
    await expect.poll(parked).toBe(3n);
    await expect.poll(() => checkpoints(client, stream)).toContain('2');
    await store.restart();
    expect(await parked()).toBe(3n);
    await client.replayParkedMessagesToStream(stream, GROUP);
    expect(await work(client, stream, 3, () => 'ack')).toEqual([0, 1, 2]);
    expect(await parked()).toBe(0n);
  });

  it('a group of $all keeps its filter and its place', async () => {
    const stream = streamName();
    const client = store.client();
    const filter = streamNameFilter({ prefixes: [stream] });
    await client.createPersistentSubscriptionToAll(
      GROUP,
      persistentSubscriptionToAllSettingsFromDefaults({
        startFrom: START,
        checkPointUpperBound: 1,
        checkPointLowerBound: 1,
      }),
      { filter },
    );
    const take = async (count: number): Promise<number[]> => {
      const subscription = client.subscribeToPersistentSubscriptionToAll(GROUP);
      const taken = [];
      for await (const message of subscription) {
        taken.push(message);
        await subscription.ack(message);
        if (taken.length < count) continue;
        await expect.poll(async () => (await stats()).outstandingMessagesCount).toBe(0);
        break;
      }
      return numbers(taken);
    };
    const stats = async () => (await client.getPersistentSubscriptionToAllInfo(GROUP)).stats;
    await client.appendToStream(stream, events(2));
    await client.appendToStream(streamName('other'), events(2));
    expect(await take(2)).toEqual([0, 1]);
    await expect.poll(async () => (await stats()).lastCheckpointedEventPosition).toBeDefined();
    await store.restart();
    await client.appendToStream(stream, events(2, 2));
    expect(await take(2)).toEqual([2, 3]);
  });
});

it('a restart of the subsystem drops consumers, and groups go on', async () => {
  const stream = streamName();
  const client = store.client();
  await client.appendToStream(stream, events(2));
  await client.createPersistentSubscriptionToStream(stream, GROUP, settings);
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, GROUP);
  const dropped = new Promise((resolve) => subscription.once('error', resolve));
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  await client.restartPersistentSubscriptionSubsystem();
  expect(await dropped).toBeInstanceOf(PersistentSubscriptionDroppedError);
  expect(await work(client, stream, 2, () => 'ack')).toEqual([0, 1]);
});

it('a group of $all that begins at the end is not woken by its own checkpoints', async () => {
  const client = store.client();
  const checkpointing = { checkPointUpperBound: 1, checkPointLowerBound: 1, checkPointAfter: 100 };
  await client.createPersistentSubscriptionToAll(
    GROUP,
    persistentSubscriptionToAllSettingsFromDefaults({ startFrom: END, ...checkpointing }),
  );
  const subscription = client.subscribeToPersistentSubscriptionToAll(GROUP);
  const seen: string[] = [];
  subscription.on('data', (message) => {
    seen.push(message.event!.streamId);
    void subscription.ack(message);
  });
  await new Promise((resolve) => subscription.once('confirmation', resolve));
  const stream = streamName();
  await client.appendToStream(stream, events(3));
  await expect.poll(() => seen.filter((name) => name === stream).length).toBe(3);
  const own = `$persistentsubscription-$all::${GROUP}-checkpoint`;
  await expect.poll(() => collect(client.readStream(own)).catch(() => [])).not.toEqual([]);
  const written = revisions(
    await collect(client.readStream(own, { direction: 'backwards', fromRevision: END, maxCount: 1 })),
  );
  await client.appendToStream(stream, events(1, 3));
  await expect.poll(() => seen.filter((name) => name === stream).length).toBe(4);
  expect(seen.filter((name) => name.startsWith('$persistentsubscription-'))).toEqual([]);
  expect(written[0]!).toBeLessThan(6n);
  await subscription.unsubscribe();
});
