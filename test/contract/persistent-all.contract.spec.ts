import { END, eventTypeFilter, streamNameFilter } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { behaviour, clientTest, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { ofAllFromStart } from './support/persistent.js';
import { event, events, streamName } from './support/streams.js';

const client = connect();

const allGroup = async (
  filter: Parameters<typeof client.createPersistentSubscriptionToAll>[2],
  settings = ofAllFromStart,
) => {
  const group = `all-${randomUUID()}`;
  await client.createPersistentSubscriptionToAll(group, settings, filter);
  onTestFinished(() => client.deletePersistentSubscriptionToAll(group).catch(() => undefined));
  return group;
};
const receive = async (group: string, count: number) => {
  const subscription = client.subscribeToPersistentSubscriptionToAll(group);
  onTestFinished(() => subscription.unsubscribe());
  const received: unknown[] = [];
  subscription.on('data', (resolved) => {
    received.push(resolved);
    void subscription.ack(resolved);
  });
  await waitFor(`${count} events`, () => received.length >= count, 20_000);
  return received;
};

describe('a group of $all', () => {
  behaviour(
    'receives events of the streams that its filter names, with positions',
    clientTest('persistentSubscription/subscribeToPersistentSubscriptionToAll.test.ts'),
    async () => {
      const stream = streamName();
      await client.appendToStream(streamName(), events(3));
      await client.appendToStream(stream, events(3));
      const group = await allGroup({ filter: streamNameFilter({ prefixes: [stream] }) });
      const received = await receive(group, 3);
      await client.appendToStream(stream, event(3));
      await waitFor('the next', () => received.length === 4);
      for (const [number, resolved] of received.entries()) {
        expect(resolved).toMatchObject({
          commitPosition: expect.any(BigInt),
          event: { streamId: stream, data: { number }, position: { commit: expect.any(BigInt) } },
        });
      }
    },
  );

  behaviour(
    'receives events of the types that its filter names',
    core('Services/Storage/ReaderIndex/EventFilter.cs', 'EventTypeRegexStrategy'),
    async () => {
      const type = `Type-${randomUUID()}`;
      await client.appendToStream(streamName(), [event(1, type), event(2), event(3, type)]);
      const group = await allGroup({ filter: eventTypeFilter({ regex: `^${type}$` }) });
      const received = await receive(group, 2);
      expect(received).toMatchObject([
        { event: { data: { number: 1 } } },
        { event: { data: { number: 3 } } },
      ]);
    },
  );

  behaviour(
    'begins after the existing events, if it is told so',
    core('Services/PersistentSubscription/PersistentSubscription.cs', 'NotifyLiveSubscriptionMessage'),
    async () => {
      const stream = streamName();
      await client.appendToStream(stream, events(2));
      const filter = streamNameFilter({ prefixes: [stream] });
      const group = await allGroup({ filter }, { ...ofAllFromStart, startFrom: END });
      await client.appendToStream(stream, events(2, 2));
      const received = await receive(group, 2);
      expect(received).toMatchObject([
        { event: { data: { number: 2 } } },
        { event: { data: { number: 3 } } },
      ]);
    },
  );
});
