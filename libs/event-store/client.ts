import { Metadata } from '@grpc/grpc-js';
import { silenceAddressWarning } from './connection/address-warning.js';
import { readConnectionSettings } from './connection/connection-settings.js';
import { withoutVerifySwitch } from './connection/connection-string.js';
import { StoreConnection } from './connection/store-connection.js';
import { sleep } from '#libs/time/sleep.js';
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

/** An open call and the channel that it uses. */
export type CallOver<Call> = Readonly<{ call: Call; channel: Channel }>;

/**
 * Creates a client for the connection string. It connects when first used, and reconnects by itself after the store was
 * away. It leaves its channel at the first call that shows the channel to be useless, and finds another one for the
 * next call without any delay of its own. Its other promises, and the parameters of the connection string, are
 * described in docs/event-store-cluster.md.
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

/** Does the same as {@link openDuplex} for a call on which only the server sends a stream. */
export const openReading = <C extends GrpcClient, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => ClientReadableStream<Res>,
): Promise<CallOver<ClientReadableStream<Res>>> => openCall(client, service, open);

/**
 * Makes a call with one answer. @throws StoreUnavailable when there is no channel; else the error that ends the call
 */
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
  // A single node may be reachable where the leader that it would name is not. It forwards writes by itself.
  if (settings.kind !== 'one' && settings.preference === 'leader') metadata.set('requires-leader', 'true');
  return metadata;
};

/** Milliseconds that calls may take to end. A call that does not end must not keep the process alive. */
const GRACE_MS = 1_000;
const STEP_MS = 10;

/** Ends all calls and closes the connection. */
export const closeClient = async (client: StoreClient): Promise<void> => {
  client.close();
  for (let waited = 0; client.openCalls > 0 && waited < GRACE_MS; waited += STEP_MS) await sleep(STEP_MS);
};
