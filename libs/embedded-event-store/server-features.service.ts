import { unary, type Methods } from './grpc/grpc-server.js';
import { WireWriter } from '#libs/protobuf/wire.js';

/**
 * The version of the server that this one imitates; `npm run test:contract` compares it with recordings of that
 * version.
 */
const SERVER_VERSION = '24.10.4';
const STREAMS = 'event_store.client.streams.streams';
const PERSISTENT_SUBSCRIPTIONS = 'event_store.client.persistent_subscriptions.persistentsubscriptions';

const SUPPORTED: readonly { service: string; method: string; features: readonly string[] }[] = [
  { service: STREAMS, method: 'read', features: ['position', 'events'] },
  { service: STREAMS, method: 'append', features: [] },
  { service: STREAMS, method: 'delete', features: [] },
  { service: STREAMS, method: 'tombstone', features: [] },
  { service: STREAMS, method: 'batchappend', features: ['deadline_duration'] },
  ...['create', 'update', 'delete', 'read', 'getinfo', 'replayparked', 'list', 'restartsubsystem'].map(
    (method) => ({ service: PERSISTENT_SUBSCRIPTIONS, method, features: ['stream', 'all'] }),
  ),
];

/** Tells clients which methods exist. Clients use that to choose between Append and BatchAppend (ServerFeatures.cs). */
export const serverFeaturesService: Methods = {
  '/event_store.client.server_features.ServerFeatures/GetSupportedMethods': unary(() => supportedMethods()),
};

const supportedMethods = (): Buffer => {
  const answer = new WireWriter(Buffer.allocUnsafe(4096));
  for (const { service, method, features } of SUPPORTED) {
    const supported = WireWriter.small().string(1, method).string(2, service);
    for (const feature of features) supported.string(3, feature);
    answer.bytes(1, supported.finish());
  }
  return answer.string(2, SERVER_VERSION).finish();
};
