import { afterEach, describe, expect, it } from 'vitest';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { GrpcServer, unary, type Methods } from '#libs/embedded-event-store/grpc/grpc-server.js';
import { notReady } from '#libs/embedded-event-store/protocol/store-errors.js';
import { startEventStore } from '#test/support/event-store.js';
import { checkEventStore } from './check-event-store.js';
import { supportedVersion } from './supported-version.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

/** A server that answers every read with nothing and reports this version. */
const serverOf = async (version: string | undefined): Promise<string> => {
  const methods: Methods = {
    '/event_store.client.streams.Streams/Read': (call) => call.end(),
    ...(version !== undefined && {
      '/event_store.client.server_features.ServerFeatures/GetSupportedMethods': unary(() =>
        Buffer.from(new features.SupportedMethods().setEventStoreServerVersion(version).serializeBinary()),
      ),
    }),
  };
  const server = new GrpcServer(methods);
  const port = await server.listen('127.0.0.1', 0);
  ends.push(() => server.close(notReady()));
  return `esdb://127.0.0.1:${port}?tls=false`;
};

const check = (url: string): Promise<string> => checkEventStore(url, [supportedVersion]);

describe('a start on an event store', () => {
  it.each(['22.10.5', '21.10.11.0', '23.6.0', '20.10.0-rc1'])(
    'of version %s is refused with the oldest that works',
    async (version) => {
      await expect(check(await serverOf(version))).rejects.toThrow(
        `The event store is EventStoreDB ${version}; 23.10.0 is the oldest that works: upgrade it to 24.10`,
      );
    },
  );
  it('that can’t say its version is refused', async () => {
    await expect(check(await serverOf(undefined))).rejects.toThrow(/does not say its version.*23\.10\.0/u);
  });
  it.each(['23.10.0', '23.10.1', '24.10.4', '25.0.1', '0.0.0.0'])(
    'of version %s continues',
    async (version) => {
      const url = await serverOf(version);
      expect(await check(url)).toBe(url);
    },
  );
  it('that comes with Verbatim continues', async () => {
    const store = await startEventStore();
    ends.push(() => store.stop());
    expect(await check(store.connectionString)).toBe(store.connectionString);
  });
});
