import { readdirSync } from 'node:fs';
import { Client, credentials } from '@grpc/grpc-js';
import { START, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import messages from '@eventstore/db-client/generated/operations_pb.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { collect } from '../support/collect.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { StoreProcess } from './store-process.js';

const { StartScavengeReq } = messages;
const ROUNDS = 5;
const BATCH = 200;
const KEPT = 20;

let store: StoreProcess;
beforeEach(async () => (store = await StoreProcess.start()));
afterEach(() => store.stop());

const same = (bytes: Buffer): Buffer => bytes;

/** Starts a scavenge and resolves when it has begun. */
const startScavenge = (): Promise<void> => {
  const channel = new Client(`127.0.0.1:${store.port}`, credentials.createInsecure());
  const request = Buffer.from(
    new StartScavengeReq().setOptions(new StartScavengeReq.Options()).serializeBinary(),
  );
  return new Promise<void>((resolve, reject) => {
    const path = '/event_store.client.operations.Operations/StartScavenge';
    channel.makeUnaryRequest(path, same, same, request, (error) => (error ? reject(error) : resolve()));
  }).finally(() => channel.close());
};

const append = async (client: EventStoreDBClient, stream: string): Promise<void> => {
  const text = 'x'.repeat(500);
  await client.appendToStream(
    stream,
    Array.from({ length: BATCH }, () => jsonEvent({ type: 'Noted', data: { text } })),
  );
};

/** Returns every event of a stream in `$all`, by id, revision and position. */
const inAll = async (stream: string): Promise<string[]> =>
  (await collect(store.client().readAll({ fromPosition: START })))
    .map(({ event }) => event as NonNullable<typeof event> & { position: { commit: bigint } })
    .filter(({ streamId }) => streamId === stream)
    .map(({ id, revision, position }) => `${id} ${revision} ${position.commit}`);

const unfinished = (): string[] => readdirSync(store.dataDir).filter((name) => name.endsWith('.draft'));

it(`leaves each segment either old or scavenged when it is killed in the middle ${ROUNDS} times`, async () => {
  let client = store.client();
  await client.setStreamMetadata('counted', { maxCount: KEPT });
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (let i = 0; i < 4; i += 1) {
      await append(client, 'counted');
      await append(client, 'kept');
    }
    const kept = await inAll('kept');
    const counted = await inAll('counted');
    await startScavenge();
    await new Promise((resolve) => setTimeout(resolve, 20 * Math.random()));
    await store.disconnect();
    await store.killAndStart();
    client = store.client();
    expect(unfinished()).toEqual([]);
    expect(await inAll('kept')).toEqual(kept);
    const left = await inAll('counted');
    expect(left).toEqual(counted.slice(-left.length));
    const read = await collect(client.readStream('counted'));
    expect(read.map(({ event }) => event!.id)).toEqual(left.slice(-KEPT).map((line) => line.split(' ')[0]));
  }
  await startScavenge();
  await waitFor('the last scavenge', async () => (await inAll('counted')).length === KEPT, 20_000, 200);
}, 120_000);
