import {
  END,
  START,
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type AllStreamSubscription,
  type Filter,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreHarness, event, events, numbers, revisions, streamName, until } from './store-harness.js';

let harness: StoreHarness;
beforeAll(async () => {
  harness = await StoreHarness.start();
});
afterAll(() => harness.stopStore());

/** Returns the list to which a subscription's events are added. */
const gather = (subscription: Pick<AllStreamSubscription, 'on'>): ResolvedEvent[] => {
  const gathered: ResolvedEvent[] = [];
  subscription.on('data', (resolved) => gathered.push(resolved));
  return gathered;
};

const numbersUpTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('a subscription to $all', () => {
  it('delivers existing events, says when it has caught up, and continues with new ones', async () => {
    const client = harness.client();
    const stream = streamName('follow');
    await client.appendToStream(stream, events(600));
    const subscription = client.subscribeToAll({
      fromPosition: START,
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    const gathered = gather(subscription);
    const caughtUpAfter: number[] = [];
    subscription.on('caughtUp', () => caughtUpAfter.push(gathered.length));
    await until(subscription, ['caughtUp'], () => caughtUpAfter.length > 0);
    for (let i = 600; i < 700; i += 1) await client.appendToStream(stream, event(i));
    await until(subscription, ['data'], () => gathered.length === 700);
    expect(numbers(gathered)).toEqual(numbersUpTo(700));
    expect(caughtUpAfter).toEqual([600]);
    expect(gathered.every(({ commitPosition }) => commitPosition !== undefined)).toBe(true);
    await subscription.unsubscribe();
  });

  it('from the end delivers only new events', async () => {
    const client = harness.client();
    const stream = streamName('tail');
    await client.appendToStream(stream, events(3));
    const subscription = client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ regex: `^${stream}$` }),
    });
    const gathered = gather(subscription);
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    await client.appendToStream(stream, event(3));
    await until(subscription, ['data'], () => gathered.length > 0);
    expect(numbers(gathered)).toEqual([3]);
    await subscription.unsubscribe();
  });

  it('from a position begins after it', async () => {
    const client = harness.client();
    const stream = streamName('after');
    const { position } = await client.appendToStream(stream, event(0));
    await client.appendToStream(stream, events(2, 1));
    const subscription = client.subscribeToAll({
      fromPosition: position!,
      filter: streamNameFilter({ prefixes: [stream] }),
    });
    const gathered = gather(subscription);
    await until(subscription, ['data'], () => gathered.length === 2);
    expect(numbers(gathered)).toEqual([1, 2]);
    await subscription.unsubscribe();
  });

  it('filters by event type, by prefix and expression', async () => {
    const client = harness.client();
    const stream = streamName('types');
    const { position } = await client.appendToStream(stream, event(0, 'Begin'));
    await client.setStreamMetadata(stream, { maxCount: 100 });
    await client.appendToStream(stream, [
      event(1, 'OrderPlaced'),
      event(2, 'OrderPaid'),
      event(3, 'Refunded'),
    ]);
    const typesBy = async (filter: Filter): Promise<string[]> => {
      const subscription = client.subscribeToAll({ fromPosition: position!, filter });
      const gathered = gather(subscription);
      await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
      await subscription.unsubscribe();
      return gathered.map(({ event: recorded }) => recorded!.type);
    };
    expect(await typesBy(eventTypeFilter({ prefixes: ['Order'] }))).toEqual(['OrderPlaced', 'OrderPaid']);
    expect(await typesBy(eventTypeFilter({ regex: 'd$' }))).toEqual(['OrderPlaced', 'OrderPaid', 'Refunded']);
    expect(await typesBy(excludeSystemEvents())).toEqual(['OrderPlaced', 'OrderPaid', 'Refunded']);
    expect(await typesBy(eventTypeFilter({ prefixes: ['$'] }))).toEqual(['$metadata']);
  });

  it('refuses an invalid expression', async () => {
    const subscription = harness.client().subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
    const error = await new Promise<Error>((resolve) => subscription.on('error', resolve));
    expect(error.message).toMatch(/UNKNOWN/u);
  });

  it('gives checkpoints at the requested interval while no event matches, catching up and live', async () => {
    const client = harness.client();
    const { position: from } = await client.appendToStream(streamName('mark'), event());
    await client.appendToStream(streamName('noise'), events(139));
    const { position: last } = await client.appendToStream(streamName('noise'), event());
    await client.appendToStream(streamName('noise'), events(10));
    const checkpoints: Position[] = [];
    const subscription = client.subscribeToAll({
      fromPosition: from!,
      filter: streamNameFilter({
        prefixes: ['nothing-'],
        maxSearchWindow: 10,
        checkpointInterval: 5,
        checkpointReached: async (_subscription, position) => void checkpoints.push(position),
      }),
    });
    gather(subscription);
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    expect(checkpoints).toHaveLength(3); // after 50, 100 and 150 events
    expect(checkpoints.at(-1)).toEqual({ commit: last!.commit, prepare: 0n });
    const { position: live } = await client.appendToStream(streamName('noise'), events(50));
    await expect.poll(() => checkpoints.at(-1)).toEqual(live);
    expect(checkpoints).toHaveLength(4);
    await subscription.unsubscribe();
  });

  it('resumes from a checkpoint after a restart of the server, without loss or repetition', async () => {
    const client = harness.client();
    const stream = streamName('resume');
    const gathered: ResolvedEvent[] = [];
    let checkpoint: Position | undefined;
    const subscribe = (fromPosition: Position | typeof START): AllStreamSubscription => {
      const subscription = harness.client().subscribeToAll({
        fromPosition,
        filter: streamNameFilter({
          prefixes: [stream],
          checkpointReached: async (_subscription, position) => void (checkpoint = position),
        }),
      });
      subscription.on('data', (resolved) => gathered.push(resolved));
      return subscription;
    };
    await client.appendToStream(stream, events(40));
    const first = subscribe(START);
    const failed = new Promise<Error>((resolve) => first.on('error', resolve));
    await until(first, ['data'], () => gathered.length === 40);
    await expect.poll(() => checkpoint).toBeDefined();
    await harness.restart();
    expect(await failed).toMatchObject({ type: 'unavailable' });
    const other = harness.client();
    await other.appendToStream(stream, events(10, 40));
    const second = subscribe(checkpoint!);
    await until(second, ['data'], () => gathered.length === 50);
    expect(numbers(gathered)).toEqual(numbersUpTo(50));
    await second.unsubscribe();
  });

  it('that is slow reads from disk what it missed and gets each event once', async () => {
    const client = harness.client();
    const stream = streamName('slow');
    const subscription = harness.client().subscribeToAll({ fromPosition: END });
    const gathered: ResolvedEvent[] = [];
    await new Promise((resolve) => subscription.on('confirmation', () => resolve(undefined)));
    for (let i = 0; i < 12_000; i += 400) {
      // Nobody reads, so events in transit fill the connection's window, and the feed goes on without it.
      await client.appendToStream(stream, events(400, i));
    }
    subscription.on('data', (resolved) => {
      if (resolved.event?.streamId === stream) gathered.push(resolved);
    });
    await until(subscription, ['data'], () => gathered.length === 12_000);
    expect(numbers(gathered)).toEqual(numbersUpTo(12_000));
    await subscription.unsubscribe();
  });
});

describe('a subscription to a stream', () => {
  it('may begin before the stream does', async () => {
    const client = harness.client();
    const stream = streamName();
    const subscription = client.subscribeToStream(stream);
    const gathered = gather(subscription as unknown as AllStreamSubscription);
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    await client.appendToStream(streamName('other'), events(5));
    await client.appendToStream(stream, events(2));
    await expect.poll(() => revisions(gathered)).toEqual([0n, 1n]);
    await subscription.unsubscribe();
  });

  it.each([
    [START, [0, 1, 2, 3, 4]],
    [1n, [2, 3, 4]],
    [END, [4]],
  ] as const)('from %s delivers the events after it', async (fromRevision, expected) => {
    const client = harness.client();
    const stream = streamName();
    await client.appendToStream(stream, events(4));
    const subscription = client.subscribeToStream(stream, { fromRevision });
    const gathered = gather(subscription as unknown as AllStreamSubscription);
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    await client.appendToStream(stream, event(4));
    await expect.poll(() => numbers(gathered)).toEqual(expected);
    await subscription.unsubscribe();
  });

  it('ends with the stream', async () => {
    const client = harness.client();
    const stream = streamName();
    await client.appendToStream(stream, event());
    const subscription = client.subscribeToStream(stream);
    gather(subscription as unknown as AllStreamSubscription);
    const failed = new Promise<Error>((resolve) => subscription.on('error', resolve));
    await new Promise((resolve) => subscription.on('caughtUp', () => resolve(undefined)));
    await client.tombstoneStream(stream);
    expect(await failed).toMatchObject({ type: 'stream-deleted', streamName: stream });
  });
});
