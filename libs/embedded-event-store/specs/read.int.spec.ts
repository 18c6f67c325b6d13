import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  jsonEvent,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreHarness, collect, event, events, numbers, streamName } from './store-harness.js';

let harness: StoreHarness;
beforeAll(async () => {
  harness = await StoreHarness.start();
});
afterAll(() => harness.stopStore());

describe('a read of a stream', () => {
  const stream = streamName();
  beforeAll(async () => {
    const client = harness.client();
    await client.appendToStream(stream, events(7));
    for (let i = 7; i < 10; i += 1) {
      await client.appendToStream(streamName('other'), event());
      await client.appendToStream(stream, event(i));
    }
  });

  it.each([
    ['forwards from the start', { direction: FORWARDS, fromRevision: START }, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['forwards from a revision', { direction: FORWARDS, fromRevision: 8n }, [8, 9]],
    ['forwards, some of it', { direction: FORWARDS, fromRevision: 5n, maxCount: 3 }, [5, 6, 7]],
    ['forwards from beyond the end', { direction: FORWARDS, fromRevision: 99n }, []],
    ['backwards from the end', { direction: BACKWARDS, fromRevision: END }, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
    ['backwards from a revision', { direction: BACKWARDS, fromRevision: 2n }, [2, 1, 0]],
    ['backwards, some of it', { direction: BACKWARDS, fromRevision: 8n, maxCount: 4 }, [8, 7, 6, 5]],
    ['backwards from the start', { direction: BACKWARDS, fromRevision: START }, [0]],
    ['backwards from beyond the end', { direction: BACKWARDS, fromRevision: 99n, maxCount: 2 }, [9, 8]],
  ] as const)('goes %s', async (_name, options, expected) => {
    expect(numbers(await collect(harness.client().readStream(stream, options)))).toEqual(expected);
  });

  it('gives the positions of its events in $all', async () => {
    const client = harness.client();
    const written = await client.appendToStream(streamName(), event());
    const [last] = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    const [resolved] = await collect(client.readStream(last!.event!.streamId));
    expect(resolved).toEqual(last);
    expect(resolved!.event!.position).toEqual(written.position);
  });

  it('says when there is no such stream', async () => {
    const missing = streamName();
    const failed: unknown = await collect(harness.client().readStream(missing)).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(StreamNotFoundError);
    expect(failed).toMatchObject({ streamName: missing });
  });

  it('of more than one page has no gap', async () => {
    const long = streamName();
    const client = harness.client();
    for (let i = 0; i < 1000; i += 250) await client.appendToStream(long, events(250, i));
    const all = Array.from({ length: 1000 }, (_, i) => i);
    expect(numbers(await collect(client.readStream(long)))).toEqual(all);
    const backwards = client.readStream(long, { direction: BACKWARDS, fromRevision: END });
    expect(numbers(await collect(backwards))).toEqual(all.toReversed());
  });
});

describe('a read of $all', () => {
  const stream = streamName('all');
  let positions: Position[];
  const ours = (resolved: readonly ResolvedEvent[]): number[] =>
    numbers(resolved.filter(({ event: recorded }) => recorded!.streamId === stream));

  beforeAll(async () => {
    const client = harness.client();
    positions = [];
    for (let i = 0; i < 4; i += 1) {
      const { position } = await client.appendToStream(stream, event(i));
      positions.push(position!);
      await client.appendToStream(streamName('between'), events(3));
    }
  });

  it('gives every event once, in the order of positions, both ways', async () => {
    const client = harness.client();
    const forwards = await collect(client.readAll());
    expect(ours(forwards)).toEqual([0, 1, 2, 3]);
    const order = forwards.map(({ commitPosition }) => commitPosition!);
    expect(order).toEqual(order.toSorted((a, b) => Number(a - b)));
    expect(new Set(order).size).toBe(order.length);
    const backwards = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END }));
    expect(backwards).toEqual(forwards.toReversed());
  });

  it('begins with the event at a position forwards, and with the one before it backwards', async () => {
    const client = harness.client();
    const from = positions[1]!;
    expect(ours(await collect(client.readAll({ fromPosition: from })))).toEqual([1, 2, 3]);
    const backwards = client.readAll({ fromPosition: from, direction: BACKWARDS });
    expect(ours(await collect(backwards))).toEqual([0]);
    const [first] = await collect(client.readAll({ fromPosition: from, maxCount: 1 }));
    expect(first!.commitPosition).toBe(from.commit);
    expect(first!.event!.position).toEqual(from);
  });

  it('beyond its ends gives nothing', async () => {
    const client = harness.client();
    expect(await collect(client.readAll({ fromPosition: END }))).toEqual([]);
    expect(await collect(client.readAll({ fromPosition: START, direction: BACKWARDS }))).toEqual([]);
  });

  it('from an invalid position is refused', async () => {
    const { commit, prepare } = positions[1]!;
    const read = harness.client().readAll({ fromPosition: { commit: commit + 1n, prepare: prepare + 1n } });
    await expect(collect(read)).rejects.toThrow(/InvalidPosition/u);
  });

  it('holds system events', async () => {
    const client = harness.client();
    await client.setStreamMetadata(stream, { maxCount: 100 });
    const all = await collect(client.readAll());
    expect(all.map(({ event: recorded }) => recorded!.streamId)).toContain(`$$${stream}`);
  });

  it('passes an event of 1 MiB among small ones', async () => {
    const client = harness.client();
    const large = jsonEvent({ type: 'Large', data: { number: 7, text: 'x'.repeat(1_000_000) } });
    const { position } = await client.appendToStream(streamName(), [event(6), large, event(8)]);
    const newest = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 3 }));
    expect(numbers(newest)).toEqual([8, 7, 6]);
    expect(newest[0]!.commitPosition).toBe(position!.commit);
    const last = client.readAll({ fromPosition: newest[2]!.event!.position! });
    expect(numbers(await collect(last))).toEqual([6, 7, 8]);
  });
});

it('A service that does not exist answers UNIMPLEMENTED', async () => {
  await expect(harness.client().listProjections()).rejects.toMatchObject({ code: 12 });
});

it('A client that discovers the cluster finds the one node there is', async () => {
  const stream = streamName();
  const client = harness.client(`esdb+discover://127.0.0.1:${harness.port}?tls=false`);
  await client.appendToStream(stream, events(2));
  expect(numbers(await collect(client.readStream(stream)))).toEqual([0, 1]);
});

it('Names of streams may be long, and long ones that begin alike are different streams', async () => {
  const client = harness.client();
  const name = streamName('long'.repeat(1000));
  await client.appendToStream(`${name}a`, event(1));
  await client.appendToStream(`${name}b`, event(2));
  expect(numbers(await collect(client.readStream(`${name}a`)))).toEqual([1]);
  expect(numbers(await collect(client.readStream(`${name}b`)))).toEqual([2]);
});
