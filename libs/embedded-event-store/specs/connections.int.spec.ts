import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { credentials, Client } from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { accessOfNode } from '../access/store-access.js';
import {
  startEmbeddedEventStore,
  type EmbeddedEventStore,
  type EmbeddedEventStoreOptions,
} from '../embedded-event-store.js';
import { events, streamName } from './store-harness.js';

let dataDir: string;
let store: EmbeddedEventStore;
beforeEach(async () => (dataDir = await mkdtemp(path.join(tmpdir(), 'event-store-connections-'))));
afterEach(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

const start = async (options: Partial<EmbeddedEventStoreOptions> = {}): Promise<void> => {
  store = await startEmbeddedEventStore({ dataDir, ...options });
};

const tcp = async (): Promise<Socket> => {
  const socket = connect(store.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
};

/**
 * Milliseconds that a close may take on a busy machine. That is far less than it takes a connection to end by itself.
 */
const SOON_MS = 4_000;
const closesSoon = async (): Promise<void> => {
  const began = performance.now();
  await store.close();
  expect(performance.now() - began).toBeLessThan(SOON_MS);
};

const SUBSCRIBER = `
  import { EventStoreDBClient } from '@eventstore/db-client';
  const client = EventStoreDBClient.connectionString(process.argv[1]);
  client.subscribeToStream('large').on('data', () => {}).on('confirmation', () => console.log('on'));
`;

const same = (bytes: Buffer): Buffer => bytes;

describe('close ends within a second', () => {
  it('with a connection that never sent a byte', async () => {
    await start();
    await tcp();
    await closesSoon();
  });

  it('with a connection that should use TLS and does not', async () => {
    await start({ secure: true });
    await tcp();
    await closesSoon();
  });

  it('with a connection that speaks HTTP/1.1', async () => {
    await start();
    const socket = await tcp();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n');
    await once(socket, 'data');
    await closesSoon();
  });

  it('with a subscriber that is frozen', async () => {
    await start();
    const client = EventStoreDBClient.connectionString(store.connectionString);
    onTestFinished(() => client.dispose());
    const child = spawn(process.execPath, ['--input-type=module', '-e', SUBSCRIBER, store.connectionString], {
      cwd: path.resolve(import.meta.dirname, '../../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.kill('SIGSTOP');
    for (let i = 0; i < 20; i += 1) await client.appendToStream('large', events(2_000));
    await closesSoon();
  });
});

describe('when the store is closed', () => {
  it('a batch append ends with CANCELLED', async () => {
    await start();
    const channel = new Client(`127.0.0.1:${store.port}`, credentials.createInsecure());
    onTestFinished(() => channel.close());
    const call = channel.makeBidiStreamRequest('/event_store.client.streams.Streams/BatchAppend', same, same);
    call.on('error', () => {}).resume();
    // Calls on one connection arrive in order.
    const FEATURES = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';
    await new Promise((resolve) => channel.makeUnaryRequest(FEATURES, same, same, Buffer.alloc(0), resolve));
    const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
    await store.close();
    expect(await ended).toBe(1);
  });

  it('a read ends with CANCELLED', async () => {
    await start();
    const client = EventStoreDBClient.connectionString(store.connectionString);
    onTestFinished(() => client.dispose());
    const stream = streamName();
    // More than is in transit at once, so that the read waits for its reader.
    for (let i = 0; i < 10; i += 1) await client.appendToStream(stream, events(2_000));
    const read = client.readStream(stream);
    await once(read, 'readable');
    const closed = store.close();
    const failed = once(read, 'error') as Promise<[Error]>;
    read.on('data', () => {});
    expect((await failed)[0]).toMatchObject({ code: 1 });
    await closed;
  });

  it('a subscription gets no answer: its connection is closed', async () => {
    await start();
    const client = EventStoreDBClient.connectionString(store.connectionString);
    onTestFinished(() => client.dispose());
    const subscription = client.subscribeToStream(streamName());
    await once(subscription, 'confirmation');
    const failed = once(subscription, 'error') as Promise<[Error]>;
    await store.close();
    expect((await failed)[0].message).not.toMatch(/Server Is Not Ready/u);
  });
});

/** The first bytes of a client (RFC 9113, 3.4), with empty settings. */
const HELLO = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

describe('a silent connection', () => {
  it('gets a ping, and stays open if it answers', async () => {
    await start({ keepAlive: { intervalMs: 50, timeoutMs: 50 } });
    const session = connectHttp2(`http://127.0.0.1:${store.port}`);
    onTestFinished(() => session.destroy());
    let asked = 0;
    session.on('ping', () => (asked += 1));
    for (let i = 0; i < 3; i += 1) await once(session, 'ping');
    expect(asked).toBe(3);
    expect(session.closed).toBe(false);
  });

  it('is closed if it does not answer', async () => {
    await start({ keepAlive: { intervalMs: 50, timeoutMs: 50 } });
    const socket = await tcp();
    socket.write(HELLO);
    socket.resume();
    await once(socket, 'close');
  });
});

/** Returns the address that a discovering client is sent to. */
const told = async (): Promise<string> => {
  const channel = new Client(`127.0.0.1:${store.port}`, credentials.createInsecure());
  const answer = await new Promise<Buffer>((resolve, reject) =>
    channel.makeUnaryRequest(
      '/event_store.client.gossip.Gossip/Read',
      same,
      same,
      Buffer.alloc(0),
      (error, bytes) => (error ? reject(error) : resolve(bytes!)),
    ),
  );
  channel.close();
  const [member] = gossip.ClusterInfo.deserializeBinary(answer).getMembersList();
  const place = member!.getHttpEndPoint()!;
  return `${place.getAddress()}:${place.getPort()}`;
};

describe('a discovering client', () => {
  it('gets the name and port from the options', async () => {
    await start({ advertisedHost: 'events.example', advertisedPort: 2113 });
    expect(await told()).toBe('events.example:2113');
  });

  it('gets a name that it can connect to by default', async () => {
    await start({ host: '0.0.0.0' });
    expect(await told()).toBe(`${hostname()}:${store.port}`);
  });

  it('finds a store with a certificate for localhost by its loopback address', async () => {
    await start({ secure: true });
    const { password } = accessOfNode(dataDir);
    const ca = path.join(dataDir, 'access/certificate.pem');
    const client = EventStoreDBClient.connectionString(
      `esdb+discover://admin:${password}@localhost:${store.port}?tlsCAFile=${ca}`,
    );
    onTestFinished(() => client.dispose());
    await client.appendToStream(streamName(), events(1));
  });
});
