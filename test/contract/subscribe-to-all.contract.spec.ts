import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  streamNameFilter,
  type Filter,
  type Position,
} from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, clients, clientTest, core } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Follower } from './support/subscriptions.js';
import { isBefore } from './support/version.js';
import { event, events, numbers, streamName } from './support/streams.js';

const client = connect();
const SUBSCRIBING = clients('subscriptions: subscribing to $all');
const FILTERING = clients('subscriptions: server-side filtering');
const FILTER = core('Services/Storage/ReaderIndex/EventFilter.cs', 'IsEventAllowed');

/** Returns the present end of the log. */
const here = async (): Promise<Position> =>
  (await client.appendToStream(streamName('mark'), event())).position!;

describe('a subscription to $all', () => {
  behaviour(
    'delivers events of all streams, in the order of the log',
    clientTest('streams/subscribeToAll.test.ts'),
    async () => {
      const streams = [streamName('all'), streamName('all'), streamName('all')];
      const fromPosition = await here();
      for (let i = 0; i < 9; i += 1) await client.appendToStream(streams[i % 3]!, event(i));
      const follower = new Follower(client.subscribeToAll({ fromPosition }));
      const received = await follower.events(9);
      const ours = received.filter(({ event: recorded }) => streams.includes(recorded!.streamId));
      expect(numbers(ours)).toEqual(Array.from({ length: ours.length }, (_, i) => i));
      const positions = received.map(({ commitPosition }) => commitPosition!);
      expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)));
    },
  );

  behaviour('from a position begins after it', SUBSCRIBING, async () => {
    const stream = streamName('after');
    const { position } = await client.appendToStream(stream, event(0));
    await client.appendToStream(stream, event(1));
    const filter = streamNameFilter({ prefixes: [stream] });
    const follower = new Follower(client.subscribeToAll({ fromPosition: position!, filter }));
    await follower.caughtUp();
    await client.appendToStream(stream, event(2));
    expect(numbers(await follower.events(2))).toEqual([1, 2]);
  });

  behaviour('from just before an event delivers it', core('Data/TFPos.cs', 'comparison'), async () => {
    const stream = streamName('before');
    const { position } = await client.appendToStream(stream, event(0));
    await here();
    const fromPosition = { commit: position!.commit, prepare: 0n };
    const follower = new Follower(client.subscribeToAll({ fromPosition }));
    const [first] = await follower.events(1);
    // Before 24.2, it begins after the first event that it finds there.
    if (isBefore('24.2.0')) return expect(first!.event!.position!.commit).toBeGreaterThan(position!.commit);
    expect(first!.event!.streamId).toBe(stream);
  });

  behaviour('from the end delivers only new events', SUBSCRIBING, async () => {
    const stream = streamName('tail');
    await client.appendToStream(stream, events(3));
    const filter = streamNameFilter({ prefixes: [stream] });
    const follower = new Follower(client.subscribeToAll({ fromPosition: END, filter }));
    await follower.caughtUp();
    await client.appendToStream(stream, event(3));
    expect(numbers(await follower.events(1))).toEqual([3]);
    expect(follower.order).toEqual(['confirmation', 'caughtUp', 'event']);
  });

  behaviour(
    'is confirmed, then delivers past events, then says that it caught up',
    core('Services/Transport/Enumerators/Enumerator.AllSubscription.cs', 'MainLoop'),
    async () => {
      const stream = streamName('order');
      const fromPosition = await here();
      await client.appendToStream(stream, events(2));
      const filter = streamNameFilter({ prefixes: [stream] });
      const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
      await follower.caughtUp();
      expect(follower.order).toEqual(['confirmation', 'event', 'event', 'caughtUp']);
    },
  );

  behaviour(
    'says once that it caught up while it keeps up',
    core('Services/Transport/Enumerators/Enumerator.AllSubscription.cs', 'GoLive'),
    async () => {
      const stream = streamName('once');
      const filter = streamNameFilter({ prefixes: [stream] });
      const follower = new Follower(client.subscribeToAll({ fromPosition: END, filter }));
      await follower.caughtUp();
      for (let i = 0; i < 20; i += 1) await client.appendToStream(stream, event(i));
      await follower.events(20);
      expect(follower.caughtUpAfter).toEqual([0]);
    },
  );

  behaviour(
    'from where no event begins is refused after it was confirmed',
    core('Services/Transport/Enumerators/Enumerator.AllSubscription.cs', 'InvalidPosition'),
    async () => {
      const { commit, prepare } = await here();
      await here();
      const fromPosition = { commit: commit + 1n, prepare: prepare + 1n };
      const follower = new Follower(client.subscribeToAll({ fromPosition }));
      const error = await follower.failed();
      if (isBefore('24.2.0')) {
        expect(error).toMatchObject({ type: 'unknown' });
        return expect(follower.order).toEqual(['error']);
      }
      expect(error.message).toMatch(/invalid position/iu);
      expect(follower.order).toEqual(['confirmation', 'error']);
    },
  );

  behaviour('delivers tombstones and goes on', SUBSCRIBING, async () => {
    const stream = streamName('gone');
    const fromPosition = await here();
    await client.appendToStream(stream, event(1));
    await client.tombstoneStream(stream);
    await client.appendToStream(`${stream}-after`, event(2));
    const filter = streamNameFilter({ prefixes: [stream] });
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    const types = (await follower.events(3)).map(({ event: recorded }) => recorded!.type);
    expect(types).toEqual(['Counted', '$streamDeleted', 'Counted']);
  });

  behaviour('delivers events that retention hides from readers of their stream', SUBSCRIBING, async () => {
    const stream = streamName('hidden');
    const fromPosition = await here();
    await client.appendToStream(stream, events(3));
    await client.setStreamMetadata(stream, { truncateBefore: 2 });
    const filter = streamNameFilter({ prefixes: [stream] });
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    expect(numbers(await follower.events(3))).toEqual([0, 1, 2]);
  });
});

describe('a filter', () => {
  const id = streamName('x').slice(2);
  /** Returns the types of this test's events that a filter lets through, among past events and among new ones. */
  const through = async (filter: Filter): Promise<[past: string[], live: string[]]> => {
    const fromPosition = await here();
    const write = async (): Promise<void> => {
      await client.appendToStream(`orders-${id}`, [event(0, `Placed-${id}`), event(0, `Paid-${id}`)]);
      await client.setStreamMetadata(`orders-${id}`, { mine: 1 });
      await client.appendToStream(`bills-${id}`, event(0, `Placed-${id}`));
    };
    await write();
    const follower = new Follower(client.subscribeToAll({ fromPosition, filter }));
    await follower.caughtUp();
    const types = (from: number): string[] =>
      follower.received
        .slice(from)
        // Links that projections make to these events are in other streams, and are left out.
        .filter(({ event: recorded }) => /^(?:\$\$)?(?:orders|bills)-/u.test(recorded!.streamId))
        .filter(({ event: recorded }) => recorded!.streamId.endsWith(id))
        .map(({ event: recorded }) => recorded!.type.replace(`-${id}`, ''));
    const before = follower.received.length;
    const past = types(0);
    await write();
    await expect.poll(() => types(before).length).toBe(past.length);
    return [past, types(before)];
  };

  const filters: [string, Filter, string[]][] = [
    ['of stream names by prefix', streamNameFilter({ prefixes: [`orders-${id}`] }), ['Placed', 'Paid']],
    [
      'of stream names by one of several prefixes',
      streamNameFilter({ prefixes: [`bills-${id}`, `orders-${id}`] }),
      ['Placed', 'Paid', 'Placed'],
    ],
    ['of stream names by expression', streamNameFilter({ regex: `^bills-.*${id}$` }), ['Placed']],
    [
      'of stream names by an expression that matches anywhere',
      streamNameFilter({ regex: id }),
      ['Placed', 'Paid', '$metadata', 'Placed'],
    ],
    ['of event types by prefix', eventTypeFilter({ prefixes: [`Placed-${id}`] }), ['Placed', 'Placed']],
    [
      'of event types by expression',
      eventTypeFilter({ regex: `^P.*d-${id}$` }),
      ['Placed', 'Paid', 'Placed'],
    ],
    ['of system types by prefix', eventTypeFilter({ prefixes: ['$metadata'] }), ['$metadata']],
    ['that leaves out system events', excludeSystemEvents(), ['Placed', 'Paid', 'Placed']],
  ];
  for (const [title, filter, expected] of filters)
    behaviour(`${title} works on past and on new events`, FILTER, async () => {
      expect(await through(filter)).toEqual([expected, expected]);
    });

  behaviour('with an invalid expression fails', FILTERING, async () => {
    const follower = new Follower(client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) }));
    expect(await follower.failed()).toMatchObject({ type: 'unknown' });
  });
});
