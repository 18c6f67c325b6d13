import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { describe, expect, it } from 'vitest';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { encodeEvent } from '../codec/encoded-event.js';
import { newEvent } from '../codec/new-event.js';
import type { NewEvent } from '../recorded-event.js';
import { encodeAppend } from './append-request.js';
import type { AppendRequest } from './append-request.js';

const uuid = (text: string) => {
  const made = new shared.UUID();
  made.setString(text);
  return made;
};

/** Encodes the same append with the classes that the protocol's compiler made. */
const generated = (id: string, { stream, events, expected }: AppendRequest, deadline: Date): Buffer => {
  const options = new streams.BatchAppendReq.Options();
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  options.setStreamIdentifier(identifier);
  options.setDeadline(timestamp.Timestamp.fromDate(deadline));
  if (expected === 'any') options.setAny(new empty.Empty());
  else if (expected === 'no_stream') options.setNoStream(new empty.Empty());
  else if (expected === 'stream_exists') options.setStreamExists(new empty.Empty());
  else options.setStreamPosition(String(expected));
  const message = new streams.BatchAppendReq();
  message.setCorrelationId(uuid(id));
  message.setOptions(options);
  message.setProposedMessagesList(
    events.map((event) => {
      const { data, metadata } = encodeEvent(event);
      const proposed = new streams.BatchAppendReq.ProposedMessage();
      proposed.setId(uuid(event.eventId));
      proposed.getMetadataMap().set('type', event.type).set('content-type', 'application/json');
      proposed.setData(data);
      proposed.setCustomMetadata(metadata);
      return proposed;
    }),
  );
  message.setIsFinal(true);
  return Buffer.from(message.serializeBinary());
};

const event: fc.Arbitrary<NewEvent> = fc
  .record({
    type: fc.string({ minLength: 1, maxLength: 40 }),
    data: fc.dictionary(fc.string(), fc.jsonValue()),
    node: fc.string(),
  })
  .map(({ type, data, node }) => newEvent({ type, data }, { node }));

const revision = fc.oneof(
  fc.constantFrom(0, 127, 128, Number.MAX_SAFE_INTEGER),
  fc.nat(),
  fc.constantFrom('any', 'no_stream', 'stream_exists'),
);

describe('an append on the wire', () => {
  it('has the bytes that the protocol’s own classes give it', () => {
    const request = fc.record({
      stream: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      events: fc.array(event, { maxLength: 5 }),
      expected: revision,
    });
    const deadline = fc.date({ min: new Date(1_000), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(request, deadline, (append, until) => {
        const id = randomUUID();
        const given = append as AppendRequest;
        expect(encodeAppend(id, given, until).equals(generated(id, given, until))).toBe(true);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it('has room for the largest events', () => {
    const events = ['€'.repeat(5_000), 'x'.repeat(300_000)].map((data) =>
      newEvent({ type: 'T', data }, { node: 'n' }),
    );
    const [id, until] = [randomUUID(), new Date(1_000)];
    const append = { stream: 's', events, expected: 'any' } as const;
    expect(encodeAppend(id, append, until).equals(generated(id, append, until))).toBe(true);
  });
});
