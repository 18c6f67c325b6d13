import { END, START } from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clients, clientTest, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Follower } from './support/subscriptions.js';
import { isBefore } from './support/version.js';
import { event, events, numbers, revisions, streamName } from './support/streams.js';

const client = connect();
const SUBSCRIBING = clients('subscriptions: subscribing to a stream');
const ENUMERATOR = core('Services/Transport/Enumerators/Enumerator.StreamSubscription.cs', 'MainLoop');

const streamOf = async (count: number): Promise<string> => {
  const stream = streamName();
  if (count > 0) await client.appendToStream(stream, events(count));
  return stream;
};

describe('a subscription to a stream', () => {
  const starts = [
    [START, [0, 1, 2, 3, 4]],
    [0n, [1, 2, 3, 4]],
    [2n, [3, 4]],
    [3n, [4]],
    [END, [4]],
  ] as const;
  for (const [fromRevision, expected] of starts)
    behaviour(
      `from ${fromRevision} delivers the events after it`,
      clientTest('streams/subscribeToStream.test.ts'),
      async () => {
        const stream = await streamOf(4);
        const follower = new Follower(client.subscribeToStream(stream, { fromRevision }));
        await follower.caughtUp();
        await client.appendToStream(stream, event(4));
        expect(numbers(await follower.events(expected.length))).toEqual(expected);
      },
    );

  behaviour('begins at the start unless told otherwise', SUBSCRIBING, async () => {
    const stream = await streamOf(2);
    const follower = new Follower(client.subscribeToStream(stream));
    expect(numbers(await follower.events(2))).toEqual([0, 1]);
  });

  behaviour('is confirmed, then delivers past events, then says that it caught up', ENUMERATOR, async () => {
    const stream = await streamOf(3);
    const follower = new Follower(client.subscribeToStream(stream));
    await follower.caughtUp();
    expect(follower.order).toEqual(['confirmation', 'event', 'event', 'event', 'caughtUp']);
  });

  behaviour('from the end says that it caught up before it delivers anything', ENUMERATOR, async () => {
    const stream = await streamOf(3);
    const follower = new Follower(client.subscribeToStream(stream, { fromRevision: END }));
    await follower.caughtUp();
    await client.appendToStream(stream, event(3));
    await follower.events(1);
    expect(follower.order).toEqual(['confirmation', 'caughtUp', 'event']);
  });

  behaviour('may begin before the stream does', SUBSCRIBING, async () => {
    const stream = streamName();
    const follower = new Follower(client.subscribeToStream(stream));
    await follower.waitsForItsStream();
    await client.appendToStream(stream, events(3));
    expect(revisions(await follower.events(3))).toEqual([0n, 1n, 2n]);
  });

  behaviour('from a revision that is not written yet waits for the events after it', ENUMERATOR, async () => {
    const stream = await streamOf(2);
    const follower = new Follower(client.subscribeToStream(stream, { fromRevision: 3n }));
    await follower.caughtUp();
    await client.appendToStream(stream, events(4, 2));
    expect(numbers(await follower.events(2))).toEqual([4, 5]);
  });

  behaviour('delivers no events of other streams', SUBSCRIBING, async () => {
    const stream = await streamOf(1);
    const follower = new Follower(client.subscribeToStream(stream));
    await follower.caughtUp();
    await client.appendToStream(`${stream}-other`, events(3, 50));
    await client.appendToStream(stream, event(1));
    expect(numbers(await follower.events(2))).toEqual([0, 1]);
  });

  behaviour('delivers every event once and in order while others append', SUBSCRIBING, async () => {
    const stream = await streamOf(100);
    const appending = (async () => {
      for (let first = 100; first < 400; first += 10) await client.appendToStream(stream, events(10, first));
    })();
    const follower = new Follower(client.subscribeToStream(stream));
    await appending;
    expect(numbers(await follower.events(400))).toEqual(Array.from({ length: 400 }, (_, i) => i));
  });

  behaviour(
    'delivers the past events that retention leaves, and every new one',
    core('Services/Storage/ReaderIndex/IndexReader.cs', 'ReadStreamEventsForward'),
    async () => {
      const stream = await streamOf(5);
      await client.setStreamMetadata(stream, { maxCount: 2 });
      const follower = new Follower(client.subscribeToStream(stream));
      await follower.caughtUp();
      await client.appendToStream(stream, events(4, 5));
      expect(numbers(await follower.events(6))).toEqual([3, 4, 5, 6, 7, 8]);
    },
  );

  behaviour('goes on after a soft delete, with what is written then', ENUMERATOR, async () => {
    const stream = await streamOf(2);
    const follower = new Follower(client.subscribeToStream(stream));
    await follower.caughtUp();
    await client.deleteStream(stream);
    await client.appendToStream(stream, event(2));
    expect(revisions(await follower.events(3))).toEqual([0n, 1n, 2n]);
  });

  behaviour('to a stream that is deleted waits for it to be written again', ENUMERATOR, async () => {
    const stream = await streamOf(2);
    await client.deleteStream(stream);
    const follower = new Follower(client.subscribeToStream(stream));
    await follower.waitsForItsStream();
    await client.appendToStream(stream, event(7));
    expect(revisions(await follower.events(1))).toEqual([2n]);
  });

  behaviour(
    'ends with the tombstone of its stream',
    core('Services/Transport/Enumerators/Enumerator.StreamSubscription.cs', 'SendEventToSubscription'),
    async () => {
      const stream = await streamOf(1);
      const follower = new Follower(client.subscribeToStream(stream));
      await follower.caughtUp();
      await client.tombstoneStream(stream);
      expect(await follower.failed()).toMatchObject({ type: 'stream-deleted', streamName: stream });
      expect(follower.received.at(-1)!.event!.type).toBe('$streamDeleted');
    },
  );

  for (const fromRevision of [START, END] as const)
    behaviour(
      `from the ${fromRevision} of a stream that is gone for good is refused unconfirmed`,
      core('Services/SubscriptionsService.cs', 'SubscribeToStream'),
      async () => {
        const stream = await streamOf(1);
        await client.tombstoneStream(stream);
        const follower = new Follower(client.subscribeToStream(stream, { fromRevision }));
        if (fromRevision === END && isBefore('24.2.0')) {
          // The server does not look at the stream, and waits forever.
          await follower.caughtUp();
          return expect(follower.order).toEqual(['confirmation', 'caughtUp']);
        }
        expect(await follower.failed()).toMatchObject({ type: 'stream-deleted', streamName: stream });
        expect(follower.order).toEqual(['error']);
      },
    );

  behaviour('may follow the metadata of a stream', SUBSCRIBING, async () => {
    const stream = streamName();
    const follower = new Follower(client.subscribeToStream(`$$${stream}`));
    await follower.waitsForItsStream();
    await client.setStreamMetadata(stream, { mine: 1 });
    const [received] = await follower.events(1);
    expect(received!.event!.data).toEqual({ mine: 1 });
  });

  behaviour('is one of many that all get everything', SUBSCRIBING, async () => {
    const stream = streamName();
    const followers = Array.from({ length: 20 }, () => new Follower(client.subscribeToStream(stream)));
    await Promise.all(followers.map((follower) => follower.waitsForItsStream()));
    await client.appendToStream(stream, events(20));
    for (const follower of followers) expect(await follower.events(20)).toHaveLength(20);
  });
});
