import serverFeatures from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import messages from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type { ServiceDefinition, UntypedServiceImplementation, sendUnaryData } from '@grpc/grpc-js';

/** The server whose behaviour this one has. */
const SERVER_VERSION = '23.10.0';

const SUPPORTED: readonly { service: string; method: string; features?: readonly string[] }[] = [
  { service: 'event_store.client.streams.streams', method: 'read', features: ['position', 'events'] },
  { service: 'event_store.client.streams.streams', method: 'append' },
  { service: 'event_store.client.streams.streams', method: 'delete' },
  { service: 'event_store.client.streams.streams', method: 'tombstone' },
  { service: 'event_store.client.streams.streams', method: 'batchappend', features: ['deadline_duration'] },
  { service: 'event_store.client.server_features.serverfeatures', method: 'getsupportedmethods' },
];

/** Tells clients what they may call; by it they choose between Append and BatchAppend (ServerFeatures.cs). */
export const serverFeaturesService: {
  definition: ServiceDefinition;
  implementation: UntypedServiceImplementation;
} = {
  definition: serverFeatures.ServerFeaturesService,
  implementation: {
    getSupportedMethods: (_call: unknown, callback: sendUnaryData<SupportedMethods>) => {
      const answer = new messages.SupportedMethods();
      answer.setEventStoreServerVersion(SERVER_VERSION);
      for (const { service, method, features = [] } of SUPPORTED) {
        const supported = new messages.SupportedMethod();
        supported.setServiceName(service);
        supported.setMethodName(method);
        supported.setFeaturesList([...features]);
        answer.addMethods(supported);
      }
      callback(null, answer);
    },
  },
};
