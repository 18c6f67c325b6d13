import persistent from '@eventstore/db-client/generated/persistent_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { describe, expect, it } from 'vitest';
import { readConsumerMessage } from './consumer-messages.js';

const { ReadReq } = persistent;
const ID = 'f0e1d2c3-b4a5-4687-8899-aabbccddeeff';

const asText = (id: string): InstanceType<typeof shared.UUID> => new shared.UUID().setString(id);
/** Two signed halves, as clients in C# send an id. */
const asHalves = (): InstanceType<typeof shared.UUID> => {
  const bytes = Buffer.from(ID.replaceAll('-', ''), 'hex');
  const halves = new shared.UUID.Structured();
  halves.setMostSignificantBits(String(bytes.readBigInt64BE(0)));
  halves.setLeastSignificantBits(String(bytes.readBigInt64BE(8)));
  return new shared.UUID().setStructured(halves);
};

const bytesOf = (request: InstanceType<typeof ReadReq>): Buffer => Buffer.from(request.serializeBinary());

const optionsOf = (change: (options: InstanceType<typeof ReadReq.Options>) => void): Buffer => {
  const options = new ReadReq.Options().setGroupName('workers').setBufferSize(10);
  change(options);
  return bytesOf(new ReadReq().setOptions(options));
};

describe('a message of a consumer', () => {
  it('has the options of its subscription, to a stream or to $all', () => {
    const identifier = new shared.StreamIdentifier().setStreamName(Buffer.from('größe'));
    const uuids = new ReadReq.Options.UUIDOption().setString(new shared.Empty());
    const toStream = optionsOf((options) => options.setStreamIdentifier(identifier).setUuidOption(uuids));
    expect(readConsumerMessage(toStream)).toEqual({
      kind: 'options',
      stream: 'größe',
      group: 'workers',
      bufferSize: 10,
      uuids: 'text',
    });
    const toAll = readConsumerMessage(optionsOf((options) => options.setAll(new shared.Empty())));
    expect(toAll).toMatchObject({ stream: undefined, uuids: 'structured' });
  });

  it('acknowledges ids in either form', () => {
    const ack = new ReadReq.Ack().setIdsList([asText(ID.toUpperCase()), asHalves()]);
    expect(readConsumerMessage(bytesOf(new ReadReq().setAck(ack)))).toEqual({ kind: 'ack', ids: [ID, ID] });
  });

  it('says what becomes of events that it does not acknowledge, and why', () => {
    const nack = new ReadReq.Nack()
      .setIdsList([asText(ID)])
      .setReason('no')
      .setAction(2);
    const message = readConsumerMessage(bytesOf(new ReadReq().setNack(nack)));
    expect(message).toEqual({ kind: 'nack', ids: [ID], action: 'retry', reason: 'no' });
  });

  it('is refused when it is empty, takes no event, or names what is not an id', () => {
    expect(() => readConsumerMessage(Buffer.alloc(0))).toThrow(/options, an ack or a nack/u);
    expect(() => readConsumerMessage(optionsOf((options) => options.setBufferSize(0)))).toThrow(
      /at least one/u,
    );
    const ack = new ReadReq.Ack().setIdsList([asText('alice')]);
    expect(() => readConsumerMessage(bytesOf(new ReadReq().setAck(ack)))).toThrow(RangeError);
  });
});
