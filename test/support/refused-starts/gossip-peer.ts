import messages from '@eventstore/db-client/generated/gossip_pb.js';
import { GrpcServer, unary } from '#libs/embedded-event-store/grpc/grpc-server.js';
import { notReady } from '#libs/embedded-event-store/protocol/store-errors.js';
import type { MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { Peer } from './mute-peers.js';

export type Member = Readonly<{ port: number; state: keyof typeof MemberInfo.VNodeState; isAlive?: boolean }>;

/** Starts a node that names the members of its cluster and knows nothing else. */
export const startGossipPeer = async (members: readonly Member[]): Promise<Peer> => {
  const info = new messages.ClusterInfo();
  info.setMembersList(members.map(messageOf));
  const answer = Buffer.from(info.serializeBinary());
  const server = new GrpcServer({ '/event_store.client.gossip.Gossip/Read': unary(() => answer) });
  const port = await server.listen('127.0.0.1', 0);
  return { port, close: () => server.close(notReady(), 0) };
};

const messageOf = ({ port, state, isAlive = true }: Member): MemberInfo => {
  const endpoint = new messages.EndPoint();
  endpoint.setAddress('127.0.0.1');
  endpoint.setPort(port);
  const member = new messages.MemberInfo();
  member.setState(messages.MemberInfo.VNodeState[state]);
  member.setIsAlive(isAlive);
  member.setHttpEndPoint(endpoint);
  return member;
};
