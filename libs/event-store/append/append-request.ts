import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { encodeEvent } from '../codec/encoded-event.js';
import type { ExpectedRevision } from '../event-store.errors.js';
import type { NewEvent } from '../recorded-event.js';

export type AppendRequest = Readonly<{
  stream: string;
  events: readonly NewEvent[];
  expected: ExpectedRevision;
}>;

/** Encodes one append as one message, however many events it has. `id` comes back with the answer. */
export const appendMessage = (id: string, request: AppendRequest, deadline: Date) => {
  const message = new streams.BatchAppendReq();
  message.setCorrelationId(uuid(id));
  message.setOptions(optionsOf(request, deadline));
  message.setProposedMessagesList(request.events.map(proposed));
  message.setIsFinal(true);
  return message;
};

const optionsOf = ({ stream, expected }: AppendRequest, deadline: Date) => {
  const options = new streams.BatchAppendReq.Options();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  options.setDeadline(timestamp.Timestamp.fromDate(deadline));
  if (expected === 'any') options.setAny(new empty.Empty());
  else if (expected === 'no_stream') options.setNoStream(new empty.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new empty.Empty());
  else options.setStreamPosition(String(expected));
  return options;
};

const proposed = (event: NewEvent) => {
  const { data, metadata } = encodeEvent(event);
  const message = new streams.BatchAppendReq.ProposedMessage();
  message.setId(uuid(event.eventId));
  message.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
  message.setData(data);
  message.setCustomMetadata(metadata);
  return message;
};

const uuid = (text: string) => {
  const id = new shared.UUID();
  id.setString(text);
  return id;
};
