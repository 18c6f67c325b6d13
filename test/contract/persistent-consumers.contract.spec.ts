import {
  DISPATCH_TO_SINGLE,
  END,
  PINNED,
  PersistentSubscriptionDroppedError,
  PersistentSubscriptionMaximumSubscribersReachedError,
  binaryEvent,
  jsonEvent,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { behaviour, clientTest, core, type Source } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Consumer, GROUP, fromStart, groupOn } from './support/persistent.js';
import { events, failure, streamName } from './support/streams.js';

const client = connect();
const GROUP_SOURCE = (what: string): Source =>
  core('Services/PersistentSubscription/PersistentSubscription.cs', what);

describe('a consumer receives', () => {
  behaviour('past and new events, in order', GROUP_SOURCE('TryPushingMessagesToClients'), async () => {
    const stream = await groupOn(client, 30);
    const consumer = await Consumer.join(client, stream);
    consumer.ackAll();
    await consumer.until(30);
    await client.appendToStream(stream, events(30, 30));
    await consumer.until(60);
    expect(consumer.numbers).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(new Set(consumer.retries)).toEqual(new Set([0]));
  });

  behaviour(
    'no more than fits into its buffer',
    core('Services/PersistentSubscription/PersistentSubscriptionClient.cs', 'Push'),
    async () => {
      const stream = await groupOn(client, 10);
      const consumer = await Consumer.join(client, stream, 3);
      await consumer.until(3);
      await consumer.ack(0, 1);
      await consumer.until(5);
      expect(consumer.numbers).toEqual([0, 1, 2, 3, 4]);
      const { stats } = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
      expect(stats.outstandingMessagesCount).toBe(3);
    },
  );

  behaviour('events from the revision the group begins at', GROUP_SOURCE('OnCheckpointLoaded'), async () => {
    const stream = await groupOn(client, 5, { startFrom: 3n });
    const consumer = await Consumer.join(client, stream);
    await consumer.until(2);
    expect(consumer.numbers).toEqual([3, 4]);
  });

  behaviour(
    'only events after the group was made, if it begins at the end',
    GROUP_SOURCE('OnCheckpointLoaded'),
    async () => {
      const stream = await groupOn(client, 5, { startFrom: END });
      await client.appendToStream(stream, events(2, 5));
      const consumer = await Consumer.join(client, stream);
      await consumer.until(2);
      expect(consumer.numbers).toEqual([5, 6]);
    },
  );

  behaviour(
    'id, type, data, metadata, revision and position',
    clientTest('persistentSubscription/subscribeToPersistentSubscriptionToStream.test.ts'),
    async () => {
      const stream = await groupOn(client, 0);
      const id = randomUUID();
      await client.appendToStream(
        stream,
        jsonEvent({ id, type: 'Told', data: { a: 'ü' }, metadata: { b: 1 } }),
      );
      const consumer = await Consumer.join(client, stream);
      await consumer.until(1);
      expect(consumer.received[0]).toMatchObject({
        retryCount: 0,
        commitPosition: expect.any(BigInt),
        event: {
          streamId: stream,
          id,
          type: 'Told',
          data: { a: 'ü' },
          metadata: { b: 1 },
          revision: 0n,
          isJson: true,
        },
      });
    },
  );

  behaviour(
    'more than the buffer of the group holds, little by little',
    GROUP_SOURCE('TryReadingNewBatch'),
    async () => {
      const stream = await groupOn(client, 300, {
        historyBufferSize: 20,
        readBatchSize: 10,
        liveBufferSize: 10,
      });
      const consumer = await Consumer.join(client, stream, 5);
      consumer.ackAll();
      await consumer.until(300);
      expect(consumer.numbers).toEqual(Array.from({ length: 300 }, (_, i) => i));
    },
  );

  behaviour(
    'the events behind links, if the group resolves links',
    core('Services/PersistentSubscription/PersistentSubscriptionService.cs', 'ResolveLinkToEvent'),
    async () => {
      const target = streamName();
      await client.appendToStream(target, events(2));
      const stream = await groupOn(client, 0, { resolveLinkTos: true });
      await client.appendToStream(stream, binaryEvent({ type: '$>', data: Buffer.from(`1@${target}`) }));
      const consumer = await Consumer.join(client, stream);
      await consumer.until(1);
      const [received] = consumer.received;
      expect(received!.event).toMatchObject({ streamId: target, revision: 1n });
      expect(received!.link).toMatchObject({ streamId: stream, revision: 0n, type: '$>' });
      await consumer.ack(0);
      await waitFor(
        'the answer',
        async () =>
          (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats
            .outstandingMessagesCount === 0,
      );
    },
  );
});

describe('several consumers', () => {
  behaviour(
    'take turns',
    core(
      'Services/PersistentSubscription/ConsumerStrategy/RoundRobinPersistentSubscriptionConsumerStrategy.cs',
      'PushMessageToClient',
    ),
    async () => {
      const stream = await groupOn(client, 0);
      const [one, two] = [await Consumer.join(client, stream), await Consumer.join(client, stream)];
      await client.appendToStream(stream, events(6));
      await one.until(3);
      await two.until(3);
      expect([one.numbers, two.numbers].toSorted((a, b) => a[0]! - b[0]!)).toEqual([
        [0, 2, 4],
        [1, 3, 5],
      ]);
    },
  );

  behaviour(
    'wait until the first is full, with the strategy DispatchToSingle',
    core(
      'Services/PersistentSubscription/ConsumerStrategy/DispatchToSinglePersistentSubscriptionConsumerStrategy.cs',
      'PushMessageToClient',
    ),
    async () => {
      const stream = await groupOn(client, 0, { consumerStrategyName: DISPATCH_TO_SINGLE });
      const [one, two] = [await Consumer.join(client, stream, 4), await Consumer.join(client, stream, 4)];
      await client.appendToStream(stream, events(6));
      await one.until(4);
      await two.until(2);
      expect([one.numbers, two.numbers]).toEqual([
        [0, 1, 2, 3],
        [4, 5],
      ]);
    },
  );

  behaviour(
    'each get all events of a stream, with the strategy Pinned',
    core(
      'Services/PersistentSubscription/ConsumerStrategy/PinnablePersistentSubscriptionConsumerStrategy.cs',
      'PushMessageToClient',
    ),
    async () => {
      const stream = await groupOn(client, 0, { consumerStrategyName: PINNED });
      const [one, two] = [await Consumer.join(client, stream), await Consumer.join(client, stream)];
      await client.appendToStream(stream, events(6));
      await waitFor('six events', () => one.received.length + two.received.length === 6);
      expect([one.received.length, two.received.length].toSorted((a, b) => a - b)).toEqual([0, 6]);
    },
  );

  behaviour(
    'are limited to as many as the group allows',
    core('Services/Transport/Grpc/RpcExceptions.cs', 'PersistentSubscriptionMaximumSubscribersReached'),
    async () => {
      const stream = await groupOn(client, 1, { maxSubscriberCount: 1 });
      const first = await Consumer.join(client, stream);
      const error = await failure(Consumer.join(client, stream));
      expect(error).toBeInstanceOf(PersistentSubscriptionMaximumSubscribersReachedError);
      await first.leave();
      await waitFor('a place', () =>
        Consumer.join(client, stream).then(
          () => true,
          () => false,
        ),
      );
    },
  );

  behaviour(
    'get what a consumer that left had not answered, counted as retried',
    GROUP_SOURCE('RemoveClientByCorrelationId'),
    async () => {
      const stream = await groupOn(client, 3);
      const first = await Consumer.join(client, stream);
      await first.until(3);
      await first.ack(1);
      await waitFor(
        'the answer',
        async () =>
          (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats
            .outstandingMessagesCount === 2,
      );
      await first.leave();
      const second = await Consumer.join(client, stream);
      await second.until(2);
      expect(second.numbers).toEqual([0, 2]);
      expect(second.retries).toEqual([1, 1]);
    },
  );

  for (const [what, change] of [
    ['deleted', (stream: string) => client.deletePersistentSubscriptionToStream(stream, GROUP)],
    ['changed', (stream: string) => client.updatePersistentSubscriptionToStream(stream, GROUP, fromStart)],
  ] as const) {
    behaviour(
      `are dropped when their group is ${what}`,
      core('Services/Transport/Grpc/RpcExceptions.cs', 'PersistentSubscriptionDropped'),
      async () => {
        const stream = await groupOn(client, 0);
        const consumer = await Consumer.join(client, stream);
        await change(stream);
        expect(await consumer.failed()).toBeInstanceOf(PersistentSubscriptionDroppedError);
      },
    );
  }
});
