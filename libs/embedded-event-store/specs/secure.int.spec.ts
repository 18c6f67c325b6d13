import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AccessDeniedError, EventStoreDBClient, START } from '@eventstore/db-client';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '../embedded-event-store.js';
import { collect, events, streamName } from './store-harness.js';

let work: string;
let store: EmbeddedEventStore;
let caFile: string;
const CREDENTIALS = { username: 'admin', password: 'change/it?' };

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'event-store-secure-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  caFile = path.join(work, 'ca.crt');
  await writeFile(caFile, cert);
  store = await startEmbeddedEventStore({
    dataDir: path.join(work, 'data'),
    tls: { certificate: cert, key },
    credentials: CREDENTIALS,
  });
});
afterAll(async () => {
  await store.close();
  await rm(work, { recursive: true });
});

const connect = (connectionString: string): EventStoreDBClient => {
  const separator = connectionString.includes('?') ? '&' : '?';
  const client = EventStoreDBClient.connectionString(
    `${connectionString}${separator}tlsCAFile=${encodeURIComponent(caFile)}`,
  );
  onTestFinished(() => client.dispose());
  return client;
};
const works = async (client: EventStoreDBClient): Promise<void> => {
  const stream = streamName();
  await client.appendToStream(stream, events(3));
  expect(await collect(client.readStream(stream))).toHaveLength(3);
};

describe('a store with TLS and a user', () => {
  it('serves clients with name and password, through the connection string that it gives', async () => {
    await works(connect(store.connectionString));
  });

  it('is discovered as a cluster is', async () => {
    await works(connect(store.connectionString.replace('esdb:', 'esdb+discover:')));
  });

  it('serves calls with credentials of their own', async () => {
    const client = connect(`esdb://127.0.0.1:${store.port}`);
    const stream = streamName();
    await client.appendToStream(stream, events(2), { credentials: CREDENTIALS });
    expect(await collect(client.readStream(stream, { credentials: CREDENTIALS }))).toHaveLength(2);
  });

  it.each(['admin:wrong@', 'nobody:change%2Fit%3F@', ''])('denies access to "%s"', async (user) => {
    const client = connect(`esdb://${user}127.0.0.1:${store.port}`);
    await expect(client.appendToStream(streamName(), events(1))).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(collect(client.readAll({ maxCount: 1 }))).rejects.toBeInstanceOf(AccessDeniedError);
    const subscription = client.subscribeToAll({ fromPosition: START });
    const error = await new Promise((resolve) => subscription.on('error', resolve));
    expect(error).toBeInstanceOf(AccessDeniedError);
  });

  it('accepts no unencrypted connection, and no client that does not trust it', async () => {
    const plain = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${store.port}?tls=false`);
    onTestFinished(() => plain.dispose());
    await expect(plain.appendToStream(streamName(), events(1))).rejects.toMatchObject({ code: 14 });
    const untrusting = EventStoreDBClient.connectionString(store.connectionString);
    onTestFinished(() => untrusting.dispose());
    await expect(untrusting.appendToStream(streamName(), events(1))).rejects.toMatchObject({ code: 14 });
  });
});

it('A user without TLS and an invalid certificate are refused, and the folder stays free', async () => {
  const dataDir = path.join(work, 'refused');
  const start = (options: object) => startEmbeddedEventStore({ dataDir, ...options });
  await expect(start({ credentials: CREDENTIALS })).rejects.toThrow(/need TLS/u);
  await expect(start({ tls: { certificate: 'x', key: 'y' } })).rejects.toThrow(/certificate/u);
  await (await start({})).close();
});
