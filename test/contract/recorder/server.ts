import type { EventStoreDBClient } from '@eventstore/db-client';
import grpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import {
  InterceptingCall,
  credentials,
  status,
  type CallOptions,
  type Channel,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';

export type Streams = InstanceType<typeof grpc.StreamsClient>;

/** Parts of the client that it uses for its own calls: its channel, and the metadata and credentials of each call. */
type Internals = Readonly<{
  getChannel(): Promise<Channel>;
  callArguments(options: object, callOptions: CallOptions): [Metadata, CallOptions];
}>;

/** Speaks the protocol directly on the client's connection, so that no part of an answer is lost. */
export const streamsOf = async (client: EventStoreDBClient): Promise<Streams> => {
  const internals = client as unknown as Internals;
  const [, { credentials: user }] = internals.callArguments({}, {});
  return new grpc.StreamsClient('', credentials.createInsecure(), {
    channelOverride: await internals.getChannel(),
    interceptors: [
      (options, next) => new InterceptingCall(next(user ? { ...options, credentials: user } : options)),
    ],
  });
};

export const identifier = (stream: string) =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream));

const TRAILERS = ['stream-name', 'expected-version', 'actual-version', 'maximum-append-size'];

/** Returns how a call failed, in the form of the recordings. */
export const failureOf = ({ code, details, metadata }: ServiceError): object => {
  const exception = metadata?.get('exception')[0];
  const trailers = TRAILERS.map((key) => [key, metadata?.get(key)[0]] as const);
  return {
    error: status[code] ?? code,
    details,
    ...(exception ? { exception } : {}),
    ...Object.fromEntries(trailers.filter(([, value]) => value !== undefined)),
  };
};
