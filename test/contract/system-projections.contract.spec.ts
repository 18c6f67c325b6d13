import { randomUUID } from 'node:crypto';
import { jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { describe, expect } from 'vitest';
import { behaviour, core, docs } from './support/behaviour.js';
import { connect } from './support/connect.js';
import { Follower } from './support/subscriptions.js';
import { event, events, numbers } from './support/streams.js';

const client = connect();
const CATEGORY = docs('server/features/projections/system.md', 'by category');
const TYPE = docs('server/features/projections/system.md', 'by event type');
const CATEGORIZE = core(
  '../EventStore.Projections.Core/Standard/CategorizeEventsByStreamPath.cs',
  'ProcessEvent',
);
const INDEX = core('../EventStore.Projections.Core/Standard/IndexEventsByEventType.cs', 'ProcessEvent');

/** Returns a word that no other test uses. */
const unique = (word: string): string => word + randomUUID().replaceAll('-', '');
const following = (stream: string, resolveLinkTos = true): Follower =>
  new Follower(client.subscribeToStream(stream, { resolveLinkTos }));
const targets = (received: readonly ResolvedEvent[]): string[] =>
  received.map(({ event: recorded }) => Buffer.from(recorded!.data as Uint8Array).toString());

describe('$by_category', () => {
  behaviour('links the events of all streams of a category, in the order of the log', CATEGORY, async () => {
    const category = unique('account');
    for (let i = 0; i < 10; i += 1) await client.appendToStream(`${category}-${i % 3}`, event(i));
    const received = await following(`$ce-${category}`).events(10);
    expect(numbers(received)).toEqual(Array.from({ length: 10 }, (_, i) => i));
    expect(received.every(({ link }) => link!.streamId === `$ce-${category}`)).toBe(true);
  });

  behaviour('takes the category from the text before the first dash', CATEGORY, async () => {
    const category = unique('cart');
    await client.appendToStream(`${category}-of-somebody`, event(1));
    expect(numbers(await following(`$ce-${category}`).events(1))).toEqual([1]);
  });

  behaviour('writes links that name revision and stream', CATEGORIZE, async () => {
    const category = unique('link');
    await client.appendToStream(`${category}-1`, events(2));
    const received = await following(`$ce-${category}`, false).events(2);
    expect(received.map(({ event: recorded }) => recorded!.type)).toEqual(['$>', '$>']);
    expect(targets(received)).toEqual([`0@${category}-1`, `1@${category}-1`]);
  });

  behaviour('stores with a link the stream that it leads to', CATEGORIZE, async () => {
    const category = unique('origin');
    const { position } = await client.appendToStream(`${category}-1`, event());
    const [link] = await following(`$ce-${category}`, false).events(1);
    expect(link!.event!.metadata).toMatchObject({ $o: `${category}-1`, $c: Number(position!.commit) });
  });

  behaviour('links what was appended together without a gap', CATEGORY, async () => {
    const category = unique('batch');
    await client.appendToStream(`${category}-1`, events(300));
    const received = await following(`$ce-${category}`).events(300);
    expect(received.map(({ link }) => link!.revision)).toEqual(
      Array.from({ length: 300 }, (_, i) => BigInt(i)),
    );
    expect(numbers(received)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  });

  behaviour('links a soft delete, too', CATEGORIZE, async () => {
    const category = unique('deleted');
    await client.appendToStream(`${category}-1`, event());
    await client.deleteStream(`${category}-1`);
    const received = await following(`$ce-${category}`, false).events(2);
    expect(targets(received)[1]).toBe(`0@$$${category}-1`);
  });
});

describe('$by_event_type', () => {
  behaviour('links the events of a type, whatever their stream', TYPE, async () => {
    const type = unique('Paid');
    await client.appendToStream(unique('a'), [event(1, type), event(2, 'Other'), event(3, type)]);
    await client.appendToStream(`${unique('b')}-1`, event(4, type));
    const received = await following(`$et-${type}`).events(3);
    expect(numbers(received)).toEqual([1, 3, 4]);
  });

  behaviour('writes links that name revision and stream', INDEX, async () => {
    const type = unique('Named');
    const stream = unique('stream');
    await client.appendToStream(stream, [event(0), event(1, type)]);
    expect(targets(await following(`$et-${type}`, false).events(1))).toEqual([`1@${stream}`]);
  });

  behaviour(
    'leaves out events of system streams',
    core(
      '../EventStore.Projections.Core/Services/Processing/TransactionFile/TransactionFileEventFilter.cs',
      'PassesSource',
    ),
    async () => {
      const type = unique('Hidden');
      await client.appendToStream(`$${unique('system')}`, jsonEvent({ type, data: { number: 1 } }));
      await client.appendToStream(unique('shown'), event(2, type));
      expect(numbers(await following(`$et-${type}`).events(1))).toEqual([2]);
    },
  );
});
