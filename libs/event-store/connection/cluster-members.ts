import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import messages from '@eventstore/db-client/generated/gossip_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Metadata, credentials, type ChannelCredentials } from '@grpc/grpc-js';
import type { MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { Node } from './connection-string.js';

/** A member of the cluster, as another one sees it. */
export type ClusterMember = Readonly<{ node: Node; state: string; isAlive: boolean }>;

/** PEM. `ca` is whom to trust instead of whom Node does; `cert` and `key` are our own. */
export type TlsFiles = Readonly<{ ca?: Buffer; cert?: Buffer; key?: Buffer }>;

/**
 * The members of the cluster that this node knows. @throws Error (of gRPC) when it does not say within `timeoutMs`
 */
export const readClusterMembers = async (
  { address, port }: Node,
  tls: TlsFiles | undefined,
  timeoutMs: number,
): Promise<ClusterMember[]> => {
  const client = new gossip.GossipClient(`${address}:${port}`, credentialsOf(tls));
  try {
    return await new Promise((resolve, reject) => {
      client.read(
        new shared.Empty(),
        new Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error) reject(error);
          else resolve(answer.getMembersList().map(memberOf));
        },
      );
    });
  } finally {
    client.close();
  }
};

const credentialsOf = (tls: TlsFiles | undefined): ChannelCredentials =>
  tls === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);

const memberOf = (member: MemberInfo): ClusterMember => {
  const endpoint = member.getHttpEndPoint();
  return {
    node: { address: endpoint?.getAddress() ?? '', port: endpoint?.getPort() ?? 0 },
    state: nameOfState(member.getState()),
    isAlive: member.getIsAlive(),
  };
};

const nameOfState = (state: number): string =>
  Object.entries<unknown>(messages.MemberInfo.VNodeState).find(([, value]) => value === state)?.[0] ??
  String(state);
