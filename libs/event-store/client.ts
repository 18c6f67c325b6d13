import { Metadata } from '@grpc/grpc-js';
import { silenceAddressWarning } from './connection/address-warning.js';
import { readConnectionSettings } from './connection/connection-settings.js';
import { withoutVerifySwitch } from './connection/connection-string.js';
import { StoreConnection } from './connection/store-connection.js';
import { pause } from './pause.js';
import type { OpenCall } from './connection/store-connection.js';
import type {
  CallOptions,
  Channel,
  ChannelCredentials,
  ChannelOptions,
  Client as GrpcClient,
  ClientDuplexStream,
  ClientReadableStream,
  ClientUnaryCall,
  requestCallback,
} from '@grpc/grpc-js';

type GrpcClientClass<C extends GrpcClient> = new (
  address: string,
  credentials: ChannelCredentials,
  options: Partial<ChannelOptions>,
) => C;

export type StoreClient = StoreConnection;

/** A call under way and the channel it goes over. */
export type CallOver<Call> = Readonly<{ call: Call; channel: Channel }>;

/**
 * A client for the connection string. It connects when first used, and by itself again after the store was away: it
 * leaves its channel at the first call that shows it to be of no use, and finds another for the next, with no delay of
 * its own. What else it promises, and what the connection string may set: docs/event-store-connection.md.
 *
 * @throws Error when the connection string cannot be understood
 */
export const connectClient = (connectionString: string): StoreClient => {
  silenceAddressWarning();
  return new StoreConnection(readConnectionSettings(withoutVerifySwitch(connectionString)));
};

/** Opens a two-way call on the client's channel. @throws StoreUnavailable when there is none */
export const openDuplex = <C extends GrpcClient, Req, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => ClientDuplexStream<Req, Res>,
): Promise<CallOver<ClientDuplexStream<Req, Res>>> => openCall(client, service, open);

/** As {@link openDuplex}, for a call that only the server answers on. */
export const openReading = <C extends GrpcClient, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => ClientReadableStream<Res>,
): Promise<CallOver<ClientReadableStream<Res>>> => openCall(client, service, open);

/** The one answer to a call. @throws StoreUnavailable when there is no channel; else the error that the call ends with */
export const ask = async <C extends GrpcClient, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  call: (grpc: C, metadata: Metadata, answered: requestCallback<Res>) => ClientUnaryCall,
): Promise<Res> => {
  let settle!: requestCallback<Res>;
  const answer = new Promise<Res>((resolve, reject) => {
    settle = (error, response) => (response === undefined ? reject(error) : resolve(response));
  });
  await openCall(client, service, (grpc, metadata) => call(grpc, metadata, settle));
  return answer;
};

const openCall = async <C extends GrpcClient, Call extends OpenCall>(
  client: StoreClient,
  Service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => Call,
): Promise<CallOver<Call>> => {
  const channel = await client.channel();
  const grpc = new Service('', client.settings.security, { channelOverride: channel });
  const call = open(grpc, metadataFor(client), { deadline: Infinity });
  client.watch(call, channel);
  return { call, channel };
};

const metadataFor = ({ settings }: StoreClient): Metadata => {
  const metadata = new Metadata();
  metadata.set('connection-name', settings.connectionName);
  if (settings.authorization) metadata.set('authorization', settings.authorization);
  // A single node may be reached where the leader it would name can't be: it passes writes on by itself.
  if (settings.kind !== 'one' && settings.preference === 'leader') metadata.set('requires-leader', 'true');
  return metadata;
};

/** How long calls may take to end: one that does not must not keep a process from ending. */
const GRACE_MS = 1_000;
const STEP_MS = 10;

/** Ends all calls and closes the connection. */
export const closeClient = async (client: StoreClient): Promise<void> => {
  client.close();
  const { signal } = new AbortController();
  for (let waited = 0; client.openCalls > 0 && waited < GRACE_MS; waited += STEP_MS)
    await pause(STEP_MS, signal);
};
