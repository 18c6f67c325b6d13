import { randomUUID } from 'node:crypto';
import { unary, type Methods } from './grpc/grpc-server.js';
import { WireWriter } from '#libs/protobuf/wire.js';

const LEADER = 8;
const TICKS_PER_MS = 10_000;

/** Tells a discovering client about the only member, which is the leader (Gossip.Read.cs). */
export const gossipService = (address: () => { host: string; port: number }): Methods => {
  const instance = randomUUID();
  return {
    '/event_store.client.gossip.Gossip/Read': unary(() => {
      const { host, port } = address();
      const member = WireWriter.small()
        .bytes(1, WireWriter.small().string(2, instance).finish())
        .uint(2, Date.now() * TICKS_PER_MS)
        .uint(3, LEADER)
        .uint(4, 1)
        .bytes(5, new WireWriter(Buffer.allocUnsafe(512)).string(1, host).uint(2, port).finish());
      return new WireWriter(Buffer.allocUnsafe(1024)).bytes(1, member.finish()).finish();
    }),
  };
};
