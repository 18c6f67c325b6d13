import {
  ANY,
  BACKWARDS,
  END,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreHarness, collect, event, events, numbers, revisions, streamName } from './store-harness.js';

let harness: StoreHarness;
let client: EventStoreDBClient;
beforeAll(async () => {
  harness = await StoreHarness.start();
  client = harness.client();
});
afterAll(() => harness.stopStore());

const newStream = async (count: number): Promise<string> => {
  const stream = streamName();
  await client.appendToStream(stream, events(count));
  return stream;
};
const readable = async (stream: string): Promise<number[]> =>
  numbers(await collect(client.readStream(stream)));

describe('stream metadata', () => {
  it('comes back as it was set, and is empty where none was set', async () => {
    const stream = await newStream(1);
    expect((await client.getStreamMetadata(stream)).metadata).toBeUndefined();
    const metadata = {
      maxCount: 5,
      maxAge: 60,
      truncateBefore: 0,
      cacheControl: 3,
      acl: { readRoles: ['ops'] },
    };
    await client.setStreamMetadata(stream, metadata, { expectedRevision: NO_STREAM });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual(metadata);
    await client.setStreamMetadata(stream, { maxCount: 6 }, { expectedRevision: 0n });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 6 });
  });

  it('may be set before the stream is written, which then exists but has nothing to read', async () => {
    const stream = streamName();
    await client.setStreamMetadata(stream, { maxCount: 2 });
    await expect(readable(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
    await client.appendToStream(stream, events(3), { expectedRevision: STREAM_EXISTS });
    expect(await readable(stream)).toEqual([1, 2]);
  });

  it('only the newest can be read from its stream', async () => {
    const stream = await newStream(1);
    for (let i = 1; i < 4; i += 1) await client.setStreamMetadata(stream, { maxCount: i });
    expect(revisions(await collect(client.readStream(`$$${stream}`)))).toEqual([2n]);
  });
});

describe('retention', () => {
  it('by $maxCount leaves the newest events, now and later', async () => {
    const stream = await newStream(5);
    await client.setStreamMetadata(stream, { maxCount: 2 });
    expect(await readable(stream)).toEqual([3, 4]);
    await client.appendToStream(stream, event(5));
    expect(await readable(stream)).toEqual([4, 5]);
    const backwards = client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
    expect(numbers(await collect(backwards))).toEqual([5, 4]);
  });

  it('by $tb leaves the events from a revision on', async () => {
    const stream = await newStream(5);
    await client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await readable(stream)).toEqual([3, 4]);
    expect(numbers(await collect(client.readStream(stream, { fromRevision: 0n, maxCount: 1 })))).toEqual([3]);
    await client.setStreamMetadata(stream, { truncateBefore: 9 });
    expect(await readable(stream)).toEqual([]);
  });

  it('by $maxAge leaves the events that are young enough', async () => {
    const stream = await newStream(3);
    await client.setStreamMetadata(stream, { maxAge: 1 });
    await expect.poll(() => readable(stream), { timeout: 5000 }).toEqual([]);
    await client.appendToStream(stream, event(3));
    expect(await readable(stream)).toEqual([3]);
    await client.setStreamMetadata(stream, { maxAge: 3600 });
    expect(await readable(stream)).toEqual([0, 1, 2, 3]);
  });

  it('does not touch $all', async () => {
    const stream = await newStream(3);
    await client.setStreamMetadata(stream, { maxCount: 1 });
    const all = await collect(client.readAll());
    expect(numbers(all.filter(({ event: recorded }) => recorded!.streamId === stream))).toEqual([0, 1, 2]);
  });

  it('still applies after a restart', async () => {
    const stream = await newStream(3);
    await client.setStreamMetadata(stream, { maxCount: 1 });
    await harness.restart();
    client = harness.client();
    expect(await readable(stream)).toEqual([2]);
  });
});

describe('a soft delete', () => {
  it('hides the stream, which continues its revisions when it is written again', async () => {
    const stream = await newStream(3);
    await client.setStreamMetadata(stream, { maxCount: 100 });
    const { position } = await client.deleteStream(stream, { expectedRevision: 2n });
    expect(position!.commit).toBeGreaterThan(0n);
    await expect(readable(stream)).rejects.toBeInstanceOf(StreamNotFoundError);
    const failed = client.appendToStream(stream, event(), { expectedRevision: STREAM_EXISTS });
    await expect(failed).rejects.toBeInstanceOf(StreamDeletedError);
    await client.appendToStream(stream, event(3), { expectedRevision: NO_STREAM });
    expect(revisions(await collect(client.readStream(stream)))).toEqual([3n]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 });
  });

  it('is also undone by setting metadata, and no earlier event comes back', async () => {
    const stream = await newStream(3);
    await client.deleteStream(stream);
    await client.setStreamMetadata(stream, { maxCount: 7 });
    expect(await readable(stream)).toEqual([]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 7, truncateBefore: 3 });
  });

  it('of a stream at another revision, or of a missing one, is refused', async () => {
    const stream = await newStream(3);
    const wrong: unknown = await client
      .deleteStream(stream, { expectedRevision: 7n })
      .catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(WrongExpectedVersionError);
    expect(wrong).toMatchObject({ streamName: stream, expectedVersion: 7n, actualVersion: 2n });
    await expect(client.deleteStream(streamName())).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });
});

describe('a tombstone', () => {
  it('ends the stream and its metadata for good, also after a restart', async () => {
    const stream = await newStream(2);
    await client.tombstoneStream(stream, { expectedRevision: 1n });
    await harness.restart();
    client = harness.client();
    const failed: unknown = await readable(stream).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(StreamDeletedError);
    expect(failed).toMatchObject({ streamName: stream });
    for (const expectedRevision of [ANY, NO_STREAM, STREAM_EXISTS, 1n] as const)
      await expect(client.appendToStream(stream, event(), { expectedRevision })).rejects.toBeInstanceOf(
        StreamDeletedError,
      );
    await expect(client.deleteStream(stream)).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.setStreamMetadata(stream, {})).rejects.toBeInstanceOf(StreamDeletedError);
    await expect(client.getStreamMetadata(stream)).rejects.toBeInstanceOf(StreamDeletedError);
  });

  it('is an event of $all', async () => {
    const stream = await newStream(1);
    await client.tombstoneStream(stream);
    const [newest] = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    expect(newest!.event).toMatchObject({
      streamId: stream,
      type: '$streamDeleted',
      revision: 2n ** 63n - 1n,
    });
  });
});
