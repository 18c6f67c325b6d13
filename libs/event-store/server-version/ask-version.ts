import features from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { status } from '@grpc/grpc-js';
import type { SupportedMethods as Answer } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { ServiceError } from '@grpc/grpc-js';
import { ask } from '../client.js';
import type { StoreClient } from '../client.js';

type Features = InstanceType<typeof features.ServerFeaturesClient>;

/**
 * Returns the version that the server names; undefined for a server without that call, which EventStoreDB has since
 * 21.10.
 * @throws the error that ended the call
 */
export const askServerVersion = async (
  client: StoreClient,
  deadlineMs: number,
): Promise<string | undefined> => {
  try {
    const answer = await ask<Features, Answer>(
      client,
      features.ServerFeaturesClient,
      (grpc, metadata, answered) =>
        grpc.getSupportedMethods(
          new shared.Empty(),
          metadata,
          { deadline: Date.now() + deadlineMs },
          answered,
        ),
    );
    return answer.getEventStoreServerVersion();
  } catch (error) {
    if ((error as Partial<ServiceError>).code === status.UNIMPLEMENTED) return undefined;
    throw error;
  }
};
