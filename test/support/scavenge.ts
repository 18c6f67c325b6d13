import operations from '@eventstore/db-client/generated/operations_grpc_pb.js';
import messages from '@eventstore/db-client/generated/operations_pb.js';
import { ask, closeClient, connectClient } from '#libs/event-store/client.js';
import { EventStore } from '#libs/event-store/event-store.js';
import { waitFor } from '#tools/harness/wait-for.js';
import { collect } from './collect.js';

type Operations = InstanceType<typeof operations.OperationsClient>;

/**
 * Scavenges a store and resolves when the scavenge has ended.
 * @throws Error when the store is away or goes away meanwhile
 */
export const scavenge = async (connectionString: string): Promise<void> => {
  const client = connectClient(connectionString);
  const store = new EventStore({ connectionString });
  try {
    const options = new messages.StartScavengeReq.Options().setThreadCount(1);
    const request = new messages.StartScavengeReq().setOptions(options);
    const started = await ask<Operations, messages.ScavengeResp>(
      client,
      operations.OperationsClient,
      (grpc, metadata, answered) => grpc.startScavenge(request, metadata, answered),
    );
    const run = `$scavenges-${started.getScavengeId()}`;
    const hasEnded = async (): Promise<boolean> => (await collect(store.readStream(run))).length === 2;
    await waitFor('the scavenge to end', hasEnded, 20_000, 50);
  } finally {
    await store.close();
    await closeClient(client);
  }
};
