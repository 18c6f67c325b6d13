import { EventStoreDBClient } from '@eventstore/db-client';
import { silenceAddressWarning } from './connection/address-warning.js';
import { withoutVerifySwitch } from './connection/connection-string.js';
import { pause } from './pause.js';
import type {
  CallOptions,
  Channel,
  Client as GrpcClient,
  ClientDuplexStream,
  ClientReadableStream,
  Metadata,
} from '@grpc/grpc-js';

type GrpcClientClass<C extends GrpcClient> = new (...args: never[]) => C;

/** What the client offers to subclasses: calls on its own channel, with its discovery, credentials and reconnection. */
type Internals = Readonly<{
  GRPCStreamCreator<C extends GrpcClient, S>(
    service: GrpcClientClass<C>,
    name: string,
    open: (client: C) => S,
  ): () => Promise<S>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
  getChannel(): Promise<Channel>;
}>;

export type StoreClient = EventStoreDBClient;

/**
 * A client for the connection string. It connects when first used and by itself again after the server was away: the
 * client drops its channel at the first UNAVAILABLE and opens another at the next call, with no delay of its own.
 * Its keep-alive (10 s + 10 s unless the connection string says otherwise) ends calls to a server that hangs.
 *
 * @throws Error when the connection string cannot be understood
 */
export const connectClient = (connectionString: string): StoreClient => {
  silenceAddressWarning();
  return EventStoreDBClient.connectionString(withoutVerifySwitch(connectionString));
};

/** Opens a two-way call on the client's channel. A failed one makes the client look for a new channel. */
export const openDuplex = <C extends GrpcClient, Req, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => ClientDuplexStream<Req, Res>,
): Promise<ClientDuplexStream<Req, Res>> => openCall(client, service, open);

/** As {@link openDuplex}, for a call that only the server answers on. */
export const openReading = <C extends GrpcClient, Res>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => ClientReadableStream<Res>,
): Promise<ClientReadableStream<Res>> => openCall(client, service, open);

const openCall = <C extends GrpcClient, Call>(
  client: StoreClient,
  service: GrpcClientClass<C>,
  open: (grpc: C, metadata: Metadata, options: CallOptions) => Call,
): Promise<Call> => {
  const internals = client as unknown as Internals;
  const create = internals.GRPCStreamCreator(service, open.name, (grpc: C) =>
    open(grpc, ...internals.callArguments({}, { deadline: Infinity })),
  );
  return create();
};

/** How long calls may take to end: one that does not must not keep a process from ending. */
const GRACE_MS = 1_000;

/** Ends all calls and closes the connection, which the client's own `dispose` leaves open. */
export const closeClient = async (client: StoreClient): Promise<void> => {
  const graceOver = new AbortController();
  await Promise.race([client.dispose(), pause(GRACE_MS, graceOver.signal)]);
  graceOver.abort();
  await (client as unknown as Internals).getChannel().then(
    (channel) => channel.close(),
    () => undefined, // no server was ever found: nothing is open
  );
};
