import messages from '@eventstore/db-client/generated/gossip_pb.js';
import { Channel, credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { endpointText } from './endpoint.js';
import { askForMembers } from './gossip.js';
import type { Node } from './connection-string.js';

/** A member of the cluster, as another member describes it. */
export type ClusterMember = Readonly<{ node: Node; state: string; isAlive: boolean }>;

/** PEM contents. `ca` replaces the authorities that Node trusts; `cert` and `key` are our own. */
export type TlsFiles = Readonly<{ ca?: Buffer; cert?: Buffer; key?: Buffer }>;

/**
 * Returns the members of the cluster that this node knows. @throws Error (of gRPC) when it does not answer within
 * `timeoutMs`
 */
export const readClusterMembers = async (
  node: Node,
  tls: TlsFiles | undefined,
  timeoutMs: number,
): Promise<ClusterMember[]> => {
  const channel = new Channel(endpointText(node), credentialsOf(tls), {});
  try {
    const members = await askForMembers(channel, timeoutMs);
    return members.map(({ endpoint, state, isAlive }) => ({
      node: { address: endpoint.address, port: endpoint.port },
      state: nameOfState(state),
      isAlive,
    }));
  } finally {
    channel.close();
  }
};

const credentialsOf = (tls: TlsFiles | undefined): ChannelCredentials =>
  tls === undefined
    ? credentials.createInsecure()
    : credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null);

const nameOfState = (state: number): string =>
  Object.entries<unknown>(messages.MemberInfo.VNodeState).find(([, value]) => value === state)?.[0] ??
  String(state);
