import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Metadata, credentials } from '@grpc/grpc-js';
import type { Channel } from '@grpc/grpc-js';
import type { Member } from './choose-member.js';

/**
 * Returns what the member at the other end says about all members.
 * @throws Error of gRPC when it refuses, can't be reached, or does not answer in time
 */
export const askForMembers = (channel: Channel, timeoutMs: number): Promise<Member[]> => {
  const client = new gossip.GossipClient('', credentials.createInsecure(), { channelOverride: channel });
  const deadline = Date.now() + timeoutMs;
  return new Promise((resolve, reject) => {
    client.read(new shared.Empty(), new Metadata(), { deadline }, (error, info) => {
      if (error) return reject(error);
      const members = info.getMembersList().flatMap((member): Member[] => {
        const at = member.getHttpEndPoint();
        if (!at) return [];
        const endpoint = { address: at.getAddress(), port: at.getPort() };
        return [{ endpoint, state: member.getState(), isAlive: member.getIsAlive() }];
      });
      resolve(members);
    });
  });
};
