import { randomUUID } from 'node:crypto';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { encodeAppend } from '#libs/event-store/append/append-request.js';
import type { NewEvent } from '#libs/event-store/recorded-event.js';
import type { Attempt } from './as-nobody.js';

type Message = { serializeBinary(): Uint8Array };
type Call = Extract<Attempt, { kind: 'call' }>;

/**
 * Returns calls by name that would each gain something: read a stream, read the log, append an event, delete a stream.
 */
export const storeCalls = (
  stream: string,
  planted: NewEvent,
): Readonly<Record<string, Omit<Call, 'url'>>> => ({
  'read a stream': call('streams.Streams/Read', readRequest(stream)),
  'read the log': call('streams.Streams/Read', readRequest()),
  'append by batch': call('streams.Streams/BatchAppend', {
    serializeBinary: () =>
      encodeAppend(randomUUID(), { stream, events: [planted], expected: 'any' }, new Date(Date.now() + 5000)),
  }),
  'make a subscription': call('persistent_subscriptions.PersistentSubscriptions/List', listRequest()),
  scavenge: call('operations.Operations/StartScavenge', scavengeRequest()),
  delete: call(
    'streams.Streams/Delete',
    deleteRequest(new streams.DeleteReq(), new streams.DeleteReq.Options(), stream),
  ),
  tombstone: call(
    'streams.Streams/Tombstone',
    deleteRequest(new streams.TombstoneReq(), new streams.TombstoneReq.Options(), stream),
  ),
});

/** The call that EventStoreDB answers to anybody. Its answer says where the node is, which the caller already knows. */
export const gossipCall = (): Omit<Call, 'url'> => call('gossip.Gossip/Read', new empty.Empty());

const call = (method: string, message: Message): Omit<Call, 'url'> => ({
  kind: 'call',
  path: `/event_store.client.${method}`,
  body: Buffer.from(message.serializeBinary()).toString('base64'),
});

const identifier = (stream: string) => {
  const name = new shared.StreamIdentifier();
  name.setStreamName(Buffer.from(stream));
  return name;
};

/** Reads the whole of one stream, or of the log. */
const readRequest = (stream?: string): Message => {
  const options = new streams.ReadReq.Options();
  if (stream === undefined) {
    const all = new streams.ReadReq.Options.AllOptions();
    all.setStart(new empty.Empty());
    options.setAll(all);
  } else {
    const one = new streams.ReadReq.Options.StreamOptions();
    one.setStreamIdentifier(identifier(stream));
    one.setStart(new empty.Empty());
    options.setStream(one);
  }
  options.setCount('1000');
  options.setNoFilter(new empty.Empty());
  const uuid = new streams.ReadReq.Options.UUIDOption();
  uuid.setString(new empty.Empty());
  options.setUuidOption(uuid);
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
};

const listRequest = (): Message => {
  const options = new persistent.ListReq.Options();
  options.setListAllSubscriptions(new empty.Empty());
  const request = new persistent.ListReq();
  request.setOptions(options);
  return request;
};

const scavengeRequest = (): Message => {
  const options = new operations.StartScavengeReq.Options();
  options.setThreadCount(1);
  const request = new operations.StartScavengeReq();
  request.setOptions(options);
  return request;
};

type DeleteOptions = streams.DeleteReq.Options | streams.TombstoneReq.Options;

const deleteRequest = <O extends DeleteOptions>(
  request: Message & { setOptions(options: O): unknown },
  options: O,
  stream: string,
): Message => {
  options.setStreamIdentifier(identifier(stream));
  options.setAny(new empty.Empty());
  request.setOptions(options);
  return request;
};
