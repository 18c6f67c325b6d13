import { END } from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { behaviour, core, type Source } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Consumer, GROUP, fromStart, groupOn } from './support/persistent.js';
import { collect } from './support/streams.js';

const client = connect();
const GROUP_SOURCE = (what: string): Source =>
  core('Services/PersistentSubscription/PersistentSubscription.cs', what);
const parkedStream = (stream: string): string => `$persistentsubscription-${stream}::${GROUP}-parked`;
const parkedCount = async (stream: string): Promise<bigint> =>
  (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats.parkedMessageCount;
const untilParked = (stream: string, count: bigint): Promise<unknown> =>
  waitFor(`${count} parked`, async () => (await parkedCount(stream)) === count);
const checkpointStream = (stream: string): string => `$persistentsubscription-${stream}::${GROUP}-checkpoint`;
const newest = async (stream: string): Promise<unknown> => {
  const found = await collect(
    client.readStream(checkpointStream(stream), { direction: 'backwards', fromRevision: END, maxCount: 1 }),
  ).catch(() => []);
  return found[0]?.event?.data;
};

/** Makes a stream whose first events are parked, with the consumer that parked them. */
const parked = async (count: number): Promise<{ stream: string; consumer: Consumer }> => {
  const stream = await groupOn(client, count);
  const consumer = await Consumer.join(client, stream, 20);
  await consumer.until(count);
  await consumer.nack('park', ...Array.from({ length: count }, (_, i) => i));
  await untilParked(stream, BigInt(count));
  return { stream, consumer };
};

describe('a message that is not acknowledged', () => {
  behaviour(
    'comes again at once, with a count, when it is nacked with retry',
    GROUP_SOURCE('HandleNackedMessage'),
    async () => {
      const stream = await groupOn(client, 1);
      const consumer = await Consumer.join(client, stream);
      await consumer.until(1);
      await consumer.nack('retry', 0);
      await consumer.until(2);
      await consumer.nack('retry', 1);
      await consumer.until(3);
      expect(consumer.numbers).toEqual([0, 0, 0]);
      expect(consumer.retries).toEqual([0, 1, 2]);
    },
  );

  behaviour(
    'comes again before later ones',
    core('Services/PersistentSubscription/StreamBuffer.cs', 'AddRetry'),
    async () => {
      const stream = await groupOn(client, 3);
      const consumer = await Consumer.join(client, stream, 1);
      await consumer.until(1);
      await consumer.nack('retry', 0);
      await consumer.until(2);
      consumer.ackAll();
      await consumer.until(4);
      expect(consumer.numbers).toEqual([0, 0, 1, 2]);
    },
  );

  behaviour(
    'is parked after the retries the group allows',
    GROUP_SOURCE('ActionTakenForRetriedMessage'),
    async () => {
      const stream = await groupOn(client, 2, { maxRetryCount: 1 });
      const consumer = await Consumer.join(client, stream, 1);
      await consumer.until(1);
      await consumer.nack('retry', 0);
      await consumer.until(2);
      await consumer.nack('retry', 1);
      await consumer.until(3);
      expect(consumer.numbers).toEqual([0, 0, 1]);
      await untilParked(stream, 1n);
    },
  );

  behaviour('comes again after its time', GROUP_SOURCE('NotifyClockTick'), async () => {
    const stream = await groupOn(client, 1, { messageTimeout: 500 });
    const consumer = await Consumer.join(client, stream);
    await consumer.until(2);
    expect(consumer.numbers).toEqual([0, 0]);
    expect(consumer.retries).toEqual([0, 1]);
  });

  behaviour('does not come again when it is skipped', GROUP_SOURCE('SkipMessage'), async () => {
    const stream = await groupOn(client, 2);
    const consumer = await Consumer.join(client, stream, 1);
    await consumer.until(1);
    await consumer.nack('skip', 0);
    await consumer.until(2);
    expect(consumer.numbers).toEqual([0, 1]);
    expect(await parkedCount(stream)).toBe(0n);
  });

  behaviour(
    'is parked as a link with a reason when it is nacked with park',
    core('Services/PersistentSubscription/PersistentSubscriptionMessageParker.cs', 'BeginParkMessage'),
    async () => {
      const stream = await groupOn(client, 2);
      const consumer = await Consumer.join(client, stream, 1);
      await consumer.until(1);
      await consumer.nack('park', 0);
      await consumer.until(2);
      await untilParked(stream, 1n);
      const [link] = await collect(client.readStream(parkedStream(stream)));
      expect(link!.event).toMatchObject({ type: '$>', isJson: false });
      expect(Buffer.from(link!.event!.data as Uint8Array).toString()).toBe(`0@${stream}`);
      expect(link!.event!.metadata).toMatchObject({
        reason: "Client explicitly NAK'ed message.\nas told",
      });
    },
  );
});

describe('parked messages', () => {
  behaviour(
    'come again when replayed, with the link that parked them',
    GROUP_SOURCE('RetryParkedMessages'),
    async () => {
      const { stream, consumer } = await parked(3);
      await client.replayParkedMessagesToStream(stream, GROUP);
      await consumer.until(6);
      expect(consumer.numbers.slice(3)).toEqual([0, 1, 2]);
      expect(consumer.received.slice(3).map(({ link }) => link?.streamId)).toEqual(
        Array(3).fill(parkedStream(stream)),
      );
      await untilParked(stream, 0n);
      await consumer.ack(3, 4, 5);
      await waitFor(
        'the answers',
        async () =>
          (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats
            .outstandingMessagesCount === 0,
      );
    },
  );

  behaviour('come again up to the given count', GROUP_SOURCE('HandleParkedReadCompleted'), async () => {
    const { stream, consumer } = await parked(4);
    await client.replayParkedMessagesToStream(stream, GROUP, { stopAt: 2 });
    await consumer.until(6);
    expect(consumer.numbers.slice(4)).toEqual([0, 1]);
    await untilParked(stream, 2n);
  });

  behaviour('that are parked again can be replayed again', GROUP_SOURCE('ParkMessage'), async () => {
    const { stream, consumer } = await parked(1);
    await client.replayParkedMessagesToStream(stream, GROUP);
    await consumer.until(2);
    await untilParked(stream, 0n);
    await consumer.nack('park', 1);
    await untilParked(stream, 1n);
  });

  behaviour(
    'can be replayed without harm when there are none',
    GROUP_SOURCE('RetryParkedMessages'),
    async () => {
      const stream = await groupOn(client, 0);
      await client.replayParkedMessagesToStream(stream, GROUP);
      expect(await parkedCount(stream)).toBe(0n);
    },
  );
});

describe('the checkpoint', () => {
  behaviour(
    'is the revision up to which everything is acknowledged',
    core('Services/PersistentSubscription/PersistentSubscriptionCheckpointWriter.cs', 'PublishCheckpoint'),
    async () => {
      const stream = await groupOn(client, 6, { checkPointUpperBound: 2, checkPointLowerBound: 1 });
      const consumer = await Consumer.join(client, stream);
      await consumer.until(6);
      await consumer.ack(0, 1, 2, 4, 5);
      await waitFor('the checkpoint', async () => (await newest(stream)) === '2');
      await consumer.ack(3);
      await waitFor('the checkpoint', async () => (await newest(stream)) === '5');
    },
  );

  behaviour(
    'is where a group continues after it was changed',
    core('Services/PersistentSubscription/PersistentSubscriptionService.cs', 'UpdatePersistentSubscription'),
    async () => {
      const stream = await groupOn(client, 4, { checkPointUpperBound: 2, checkPointLowerBound: 1 });
      const consumer = await Consumer.join(client, stream);
      await consumer.until(4);
      await consumer.ack(0, 1);
      await waitFor('the checkpoint', async () => (await newest(stream)) === '1');
      await client.updatePersistentSubscriptionToStream(stream, GROUP, {
        ...fromStart,
        checkPointUpperBound: 2,
      });
      const again = await Consumer.join(client, stream);
      await again.until(2);
      expect(again.numbers).toEqual([2, 3]);
      expect(again.retries).toEqual([0, 0]);
    },
  );
});
