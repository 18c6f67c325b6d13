import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import {
  END,
  START,
  StreamDeletedError,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client';
import messages from '@eventstore/db-client/generated/operations_pb.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreHarness, collect, event, events, numbers, revisions, streamName } from './store-harness.js';

const { ScavengeResp, StartScavengeReq, StopScavengeReq } = messages;
const SERVICE = '/event_store.client.operations.Operations';

let store: StoreHarness;
let client: EventStoreDBClient;
beforeEach(async () => {
  store = await StoreHarness.start();
  client = store.client();
});
afterEach(() => store.stopStore());

const call = async (
  method: string,
  request: { serializeBinary(): Uint8Array },
): Promise<messages.ScavengeResp> => {
  const channel = new Client(`127.0.0.1:${store.port}`, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      channel.makeUnaryRequest(
        `${SERVICE}/${method}`,
        (given: { serializeBinary(): Uint8Array }) => Buffer.from(given.serializeBinary()),
        (bytes: Buffer) => ScavengeResp.deserializeBinary(bytes),
        request,
        (error: ServiceError | null, answer?: messages.ScavengeResp) =>
          error ? reject(error) : resolve(answer!),
      );
    });
  } finally {
    channel.close();
  }
};

/** Runs one scavenge to its end and returns its result. */
const scavenge = async (): Promise<{ result: string; spaceSaved: number }> => {
  const options = new StartScavengeReq.Options().setThreadCount(1);
  const started = await call('StartScavenge', new StartScavengeReq().setOptions(options));
  expect(started.getScavengeResult()).toBe(ScavengeResp.ScavengeResult.STARTED);
  const read = () => collect(client.readStream(`$scavenges-${started.getScavengeId()}`)).catch(() => []);
  await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBe(2);
  const [, completed] = await read();
  expect(completed!.event!.type).toBe('$scavengeCompleted');
  return completed!.event!.data as { result: string; spaceSaved: number };
};

const diskBytes = async (): Promise<number> => {
  const files = (await readdir(store.dataDir)).filter((name) => name.startsWith('events-'));
  const sizes = await Promise.all(files.map((name) => stat(path.join(store.dataDir, name))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
};

const ofStream = (all: readonly ResolvedEvent[], stream: string): ResolvedEvent[] =>
  all.filter(({ event: found }) => found!.streamId === stream);
const places = (all: readonly ResolvedEvent[]) =>
  all.map(({ event: found }) => `${found!.id} ${found!.revision} ${found!.position?.commit}`);

describe('scavenging', () => {
  it('frees what maxCount has hidden; what is left keeps revisions and positions', async () => {
    const [counted, kept] = [streamName('counted'), streamName('kept')];
    for (let first = 0; first < 100; first += 10) {
      await client.appendToStream(counted, events(10, first));
      await client.appendToStream(kept, events(10, first));
    }
    await client.setStreamMetadata(counted, { maxCount: 15 });
    const before = await collect(client.readAll());
    const bytes = await diskBytes();
    const { result, spaceSaved } = await scavenge();
    expect(result).toBe('Success');
    expect(spaceSaved).toBeGreaterThan(5000);
    expect(await diskBytes()).toBeLessThan(bytes - 5000);
    const after = await collect(client.readAll());
    expect(places(ofStream(after, kept))).toEqual(places(ofStream(before, kept)));
    expect(places(ofStream(after, counted))).toEqual(places(ofStream(before, counted)).slice(85));
    expect(places(await collect(client.readAll({ direction: 'backwards', fromPosition: END })))).toEqual(
      places(after).toReversed(),
    );
    expect(revisions(await collect(client.readStream(counted)))[0]).toBe(85n);
    const { nextExpectedRevision } = await client.appendToStream(counted, event(100), {
      expectedRevision: 99n,
    });
    expect(nextExpectedRevision).toBe(100n);
  });

  it('keeps what it removed hidden, whatever metadata says later', async () => {
    const stream = streamName();
    await client.appendToStream(stream, events(50));
    await client.setStreamMetadata(stream, { truncateBefore: 40 });
    await scavenge();
    await client.setStreamMetadata(stream, {});
    expect(numbers(await collect(client.readStream(stream)))).toEqual([
      40, 41, 42, 43, 44, 45, 46, 47, 48, 49,
    ]);
    const backwards = await collect(client.readStream(stream, { direction: 'backwards', fromRevision: END }));
    expect(numbers(backwards)).toEqual([49, 48, 47, 46, 45, 44, 43, 42, 41, 40]);
    const followed: number[] = [];
    const subscription = client.subscribeToStream(stream, { fromRevision: START });
    subscription.on('data', (resolved) => void followed.push(...numbers([resolved])));
    await expect.poll(() => followed.length).toBe(10);
    await subscription.unsubscribe();
  });

  it('keeps the newest event of a deleted stream, and the tombstone of one deleted for good', async () => {
    const [soft, hard] = [streamName('soft'), streamName('hard')];
    await client.appendToStream(soft, events(5));
    await client.appendToStream(hard, events(5));
    await client.deleteStream(soft);
    await client.tombstoneStream(hard);
    await scavenge();
    const all = await collect(client.readAll());
    expect(revisions(ofStream(all, soft))).toEqual([4n]);
    expect(ofStream(all, hard).map(({ event: found }) => found!.type)).toEqual(['$streamDeleted']);
    await expect(collect(client.readStream(hard))).rejects.toThrow(StreamDeletedError);
    expect((await client.appendToStream(soft, event())).nextExpectedRevision).toBe(5n);
    expect(revisions(await collect(client.readStream(soft)))).toEqual([5n]);
  });

  it('lets readers of $all go on from a position whose event is gone', async () => {
    const stream = streamName();
    await client.appendToStream(stream, events(10));
    const all = ofStream(await collect(client.readAll()), stream);
    await client.setStreamMetadata(stream, { maxCount: 2 });
    await scavenge();
    const { position } = all[4]!.event! as { position?: { commit: bigint; prepare: bigint } };
    const read = ofStream(await collect(client.readAll({ fromPosition: position! })), stream);
    expect(numbers(read)).toEqual([8, 9]);
    const followed: number[] = [];
    const subscription = client.subscribeToAll({ fromPosition: position! });
    subscription.on('data', (resolved) => {
      if (resolved.event!.streamId === stream) followed.push(...numbers([resolved]));
    });
    await expect.poll(() => followed).toEqual([8, 9]);
    await subscription.unsubscribe();
  });

  it('lasts over a restart, can be repeated, and costs nothing when there is nothing to do', async () => {
    const [stream, other] = [streamName(), streamName()];
    await client.appendToStream(stream, events(20));
    await client.appendToStream(other, events(20));
    await client.setStreamMetadata(stream, { maxCount: 10 });
    await scavenge();
    await store.restart();
    expect(numbers(await collect(client.readStream(stream)))[0]).toBe(10);
    await client.setStreamMetadata(stream, { maxCount: 5 });
    expect((await scavenge()).spaceSaved).toBeGreaterThan(0);
    expect((await scavenge()).spaceSaved).toBe(0);
    await store.restart();
    expect(numbers(await collect(client.readStream(stream)))).toEqual([15, 16, 17, 18, 19]);
    expect(numbers(await collect(client.readStream(other)))).toHaveLength(20);
  });

  it('does not prevent a rebuild of the index', async () => {
    const [stream, other] = [streamName(), streamName()];
    await client.appendToStream(stream, events(20));
    await client.appendToStream(other, events(20));
    await client.setStreamMetadata(stream, { maxCount: 3 });
    await scavenge();
    await client.appendToStream(other, events(1, 20));
    const before = places(await collect(client.readAll()));
    await store.restartAfter(() => rm(path.join(store.dataDir, 'index.mdb')));
    expect(places(await collect(client.readAll()))).toEqual(before);
    expect(numbers(await collect(client.readStream(stream)))).toEqual([17, 18, 19]);
    expect(numbers(await collect(client.readStream(other)))).toHaveLength(21);
    await client.appendToStream(stream, event(20), { expectedRevision: 19n });
  });

  it('is not stopped by an id that is not running', async () => {
    const options = new StopScavengeReq.Options().setScavengeId('none');
    const stop = call('StopScavenge', new StopScavengeReq().setOptions(options));
    await expect(stop).rejects.toThrow(/Scavenge Id was invalid/u);
  });
});
