import {
  DISPATCH_TO_SINGLE,
  END,
  PINNED,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError,
  PersistentSubscriptionFailedError,
  ROUND_ROBIN,
  START,
  StreamNotFoundError,
  UNBOUNDED,
  eventTypeFilter,
} from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { behaviour, clientTest, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Consumer, GROUP, fromStart, groupOn, ofAllFromStart } from './support/persistent.js';
import { collect, failure, streamName } from './support/streams.js';

const client = connect();
const SERVICE = 'Services/PersistentSubscription/PersistentSubscriptionService.cs';
const CREATE = core(SERVICE, 'CreatePersistentSubscription');
const UPDATE = core(SERVICE, 'UpdatePersistentSubscription');
const DELETE = core(SERVICE, 'DeletePersistentSubscription');
const INFO = core('Services/PersistentSubscription/PersistentSubscriptionStats.cs', 'GetStatistics');
const LIST = core(SERVICE, 'Handle(GetStreamPersistentSubscriptionStats)');
const allGroups: string[] = [];

/** Makes a group on `$all`, which is removed at the end. */
const allGroup = async (settings = ofAllFromStart, filter = eventTypeFilter({ prefixes: ['none'] })) => {
  const group = `all-${randomUUID()}`;
  allGroups.push(group);
  await client.createPersistentSubscriptionToAll(group, settings, { filter });
  return group;
};
afterAll(async () => {
  for (const group of allGroups) await client.deletePersistentSubscriptionToAll(group).catch(() => undefined);
});

describe('a group can be made', () => {
  behaviour('for a stream that does not exist yet', CREATE, async () => {
    const stream = await groupOn(client, 0);
    const info = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
    expect(info).toMatchObject({ eventSource: stream, groupName: GROUP });
  });

  behaviour('only once: the second time it exists already', CREATE, async () => {
    const stream = await groupOn(client, 1);
    const error = await failure(client.createPersistentSubscriptionToStream(stream, GROUP, fromStart));
    expect(error).toBeInstanceOf(PersistentSubscriptionExistsError);
    expect(error).toMatchObject({ streamName: stream, groupName: GROUP });
  });

  behaviour('next to others on the same stream', CREATE, async () => {
    const stream = await groupOn(client, 1);
    await client.createPersistentSubscriptionToStream(stream, 'another', fromStart);
    const list = await client.listPersistentSubscriptionsToStream(stream);
    expect(list.map(({ groupName }) => groupName)).toEqual([GROUP, 'another']);
    await client.deletePersistentSubscriptionToStream(stream, 'another');
  });

  behaviour(
    'for $all, with a filter',
    clientTest('persistentSubscription/createPersistentSubscriptionToAll.test.ts'),
    async () => {
      const group = await allGroup();
      const info = await client.getPersistentSubscriptionToAllInfo(group);
      expect(info).toMatchObject({ eventSource: '$all', groupName: group });
      const again = await failure(client.createPersistentSubscriptionToAll(group, ofAllFromStart));
      expect(again).toBeInstanceOf(PersistentSubscriptionExistsError);
    },
  );

  behaviour(
    'not with batches as large as its buffer',
    core('Services/PersistentSubscription/PersistentSubscription.cs', 'constructor'),
    async () => {
      const settings = { ...fromStart, readBatchSize: 20, historyBufferSize: 20 };
      const error = await failure(client.createPersistentSubscriptionToStream(streamName(), GROUP, settings));
      expect(error).toBeInstanceOf(PersistentSubscriptionFailedError);
    },
  );

  behaviour(
    'not from a position of $all that does not exist yet',
    core(SERVICE, 'ValidateStartFrom'),
    async () => {
      const startFrom = { commit: 2n ** 50n, prepare: 2n ** 50n };
      const error = await failure(
        client.createPersistentSubscriptionToAll(`all-${randomUUID()}`, { ...ofAllFromStart, startFrom }),
      );
      expect(error).toBeInstanceOf(PersistentSubscriptionFailedError);
    },
  );

  for (const consumerStrategyName of [ROUND_ROBIN, DISPATCH_TO_SINGLE, PINNED] as const) {
    behaviour(`with the strategy ${consumerStrategyName}`, CREATE, async () => {
      const stream = await groupOn(client, 0, { consumerStrategyName });
      const { settings } = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
      expect(settings.consumerStrategyName).toBe(consumerStrategyName);
    });
  }
});

describe('the settings of a group', () => {
  const settings = {
    startFrom: 7n,
    resolveLinkTos: true,
    extraStatistics: false,
    messageTimeout: 12_000,
    maxRetryCount: 3,
    checkPointAfter: 1500,
    checkPointLowerBound: 4,
    checkPointUpperBound: 44,
    maxSubscriberCount: 5,
    liveBufferSize: 77,
    readBatchSize: 11,
    historyBufferSize: 99,
    consumerStrategyName: DISPATCH_TO_SINGLE,
  } as const;

  behaviour('are reported as they were made', INFO, async () => {
    const stream = await groupOn(client, 0, settings);
    expect((await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).settings).toEqual(settings);
  });

  behaviour('are reported for groups of $all', INFO, async () => {
    const group = await allGroup({ ...ofAllFromStart, ...settings, startFrom: END });
    const info = await client.getPersistentSubscriptionToAllInfo(group);
    expect(info.settings).toEqual({ ...settings, startFrom: END });
  });

  behaviour('report start, end and no bound as such', INFO, async () => {
    for (const startFrom of [START, END] as const) {
      const stream = await groupOn(client, 0, { startFrom, maxSubscriberCount: UNBOUNDED });
      const info = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
      expect(info.settings).toMatchObject({ startFrom, maxSubscriberCount: UNBOUNDED });
    }
  });

  behaviour('can be changed', UPDATE, async () => {
    const stream = await groupOn(client, 0);
    await client.updatePersistentSubscriptionToStream(stream, GROUP, settings);
    expect((await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).settings).toEqual(settings);
  });

  behaviour('can be changed for $all', UPDATE, async () => {
    const group = await allGroup();
    await client.updatePersistentSubscriptionToAll(group, { ...ofAllFromStart, maxRetryCount: 3 });
    expect((await client.getPersistentSubscriptionToAllInfo(group)).settings.maxRetryCount).toBe(3);
  });

  behaviour(
    'are stored in the stream of the configuration',
    core('Services/PersistentSubscription/PersistentSubscriptionConfig.cs', 'class'),
    async () => {
      const stream = await groupOn(client, 0, settings);
      const [newest] = await collect(
        client.readStream('$persistentSubscriptionConfig', {
          direction: 'backwards',
          fromRevision: END,
          maxCount: 1,
        }),
      );
      expect(newest!.event!.type).toBe('$PersistentConfig');
      const { version, entries } = newest!.event!.data as { version: string; entries: { stream: string }[] };
      expect(version).toBe('2');
      expect(entries.find((entry) => entry.stream === stream)).toMatchObject({
        group: GROUP,
        startPosition: '7',
        messageTimeout: 12_000,
        historyBufferSize: 99,
        namedConsumerStrategy: DISPATCH_TO_SINGLE,
      });
    },
  );
});

describe('a group that does not exist', () => {
  const notThere: Record<string, (stream: string) => Promise<unknown>> = {
    'can not be changed': (stream) => client.updatePersistentSubscriptionToStream(stream, GROUP, fromStart),
    'can not be deleted': (stream) => client.deletePersistentSubscriptionToStream(stream, GROUP),
    'tells nothing of itself': (stream) => client.getPersistentSubscriptionToStreamInfo(stream, GROUP),
    'replays nothing': (stream) => client.replayParkedMessagesToStream(stream, GROUP),
    'takes no consumer': (stream) => Consumer.join(client, stream),
    'can not be changed for $all': (group) => client.updatePersistentSubscriptionToAll(group, ofAllFromStart),
    'can not be deleted for $all': (group) => client.deletePersistentSubscriptionToAll(group),
    'tells nothing of itself for $all': (group) => client.getPersistentSubscriptionToAllInfo(group),
    'replays nothing for $all': (group) => client.replayParkedMessagesToAll(group),
    'is in no list of its stream': (stream) => client.listPersistentSubscriptionsToStream(stream),
  };
  for (const [title, call] of Object.entries(notThere)) {
    behaviour(
      title,
      core('Services/Transport/Grpc/RpcExceptions.cs', 'PersistentSubscriptionDoesNotExist'),
      async () => {
        expect(await failure(call(streamName()))).toBeInstanceOf(PersistentSubscriptionDoesNotExistError);
      },
    );
  }
});

describe('lists', () => {
  behaviour(
    'name the groups of all streams',
    clientTest('persistentSubscription/listAllPersistentSubscriptions.test.ts'),
    async () => {
      const streams = [await groupOn(client, 0), await groupOn(client, 0)];
      const group = await allGroup();
      const list = await client.listAllPersistentSubscriptions();
      const sources = list.map(({ eventSource }) => eventSource);
      expect(sources).toEqual(expect.arrayContaining([...streams, '$all']));
      expect(list.map(({ groupName }) => groupName)).toContain(group);
    },
  );

  behaviour('name the groups of $all', LIST, async () => {
    const group = await allGroup();
    const list = await client.listPersistentSubscriptionsToAll();
    expect(list.map(({ groupName }) => groupName)).toContain(group);
    expect(new Set(list.map(({ eventSource }) => eventSource))).toEqual(new Set(['$all']));
  });

  behaviour('are empty once a stream has lost its last group', LIST, async () => {
    const stream = await groupOn(client, 0);
    await client.deletePersistentSubscriptionToStream(stream, GROUP);
    expect(await client.listPersistentSubscriptionsToStream(stream)).toEqual([]);
  });
});

describe('a deleted group', () => {
  behaviour('is gone, with its checkpoint and its parked messages', DELETE, async () => {
    const stream = await groupOn(client, 1, { checkPointUpperBound: 1, checkPointLowerBound: 1 });
    const consumer = await Consumer.join(client, stream);
    await consumer.until(1);
    await consumer.nack('park', 0);
    const streams = ['checkpoint', 'parked'].map(
      (kind) => `$persistentsubscription-${stream}::${GROUP}-${kind}`,
    );
    for (const name of streams)
      await waitFor(name, async () => (await collect(client.readStream(name)).catch(() => [])).length > 0);
    await client.deletePersistentSubscriptionToStream(stream, GROUP);
    for (const name of streams) {
      await waitFor(`${name} to go`, async () =>
        collect(client.readStream(name)).then(
          () => false,
          (error) => error instanceof StreamNotFoundError,
        ),
      );
    }
    expect(await failure(client.getPersistentSubscriptionToStreamInfo(stream, GROUP))).toBeInstanceOf(
      PersistentSubscriptionDoesNotExistError,
    );
  });

  behaviour('starts over when it is made again', DELETE, async () => {
    const stream = await groupOn(client, 2, { checkPointUpperBound: 1, checkPointLowerBound: 1 });
    const consumer = await Consumer.join(client, stream);
    consumer.ackAll();
    await consumer.until(2);
    await client.deletePersistentSubscriptionToStream(stream, GROUP);
    await client.createPersistentSubscriptionToStream(stream, GROUP, fromStart);
    const again = await Consumer.join(client, stream);
    await again.until(2);
    expect(again.numbers).toEqual([0, 1]);
  });
});

describe('the report on a group', () => {
  behaviour(
    'counts what was sent, what is unanswered, what is known, and the free buffer of consumers',
    INFO,
    async () => {
      const stream = await groupOn(client, 5);
      const consumer = await Consumer.join(client, stream, 4);
      await consumer.until(4);
      await consumer.ack(0);
      await consumer.until(5);
      const { stats, connections } = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
      expect(stats).toMatchObject({
        totalItems: 5n,
        outstandingMessagesCount: 4,
        totalInFlightMessages: 4,
        parkedMessageCount: 0n,
        lastKnownEventRevision: 4n,
      });
      expect(connections).toMatchObject([{ availableSlots: 0, inFlightMessages: 4, totalItems: 5n }]);
    },
  );

  behaviour('has the checkpoint once there is one', INFO, async () => {
    const stream = await groupOn(client, 3, { checkPointUpperBound: 3, checkPointLowerBound: 1 });
    const consumer = await Consumer.join(client, stream);
    consumer.ackAll();
    const read = async () => (await client.getPersistentSubscriptionToStreamInfo(stream, GROUP)).stats;
    expect((await read()).lastCheckpointedEventRevision ?? 2n).toBe(2n);
    await waitFor('the checkpoint', async () => (await read()).lastCheckpointedEventRevision === 2n);
  });

  behaviour('names the connection of each consumer', INFO, async () => {
    const stream = await groupOn(client, 0);
    await Consumer.join(client, stream);
    const { connections } = await client.getPersistentSubscriptionToStreamInfo(stream, GROUP);
    expect(connections).toHaveLength(1);
    expect(connections[0]!.connectionName).not.toBe('');
  });
});
