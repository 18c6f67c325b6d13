import { WireReader, WireWriter } from '#libs/protobuf/wire.js';

const HEAD = 5;
const DEADLINE_EXCEEDED = 4;

/**
 * Returns the answers that a real member gives after a while to the appends in a piece of a BatchAppend call that it could
 * not complete (Streams.BatchAppend.cs, Status.Timeout): framed messages, empty for a piece without a whole message.
 */
export const timeoutAnswers = (piece: Buffer): Buffer => {
  const answers: Buffer[] = [];
  for (let at = 0; at + HEAD <= piece.length;) {
    const end = at + HEAD + piece.readUInt32BE(at + 1);
    if (end > piece.length) break;
    answers.push(framed(timeoutAnswer(correlationOf(piece.subarray(at + HEAD, end)))));
    at = end;
  }
  return Buffer.concat(answers);
};

export const framed = (message: Buffer): Buffer => {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

const correlationOf = (request: Buffer): Buffer => {
  const reader = new WireReader(request);
  while (reader.next()) {
    if (reader.field === 1) return reader.bytes();
    reader.skip();
  }
  return Buffer.alloc(0);
};

const timeoutAnswer = (correlation: Buffer): Buffer => {
  const detail = WireWriter.small()
    .string(1, 'type.googleapis.com/event_store.client.Timeout')
    .bytes(2, Buffer.alloc(0));
  const status = WireWriter.small().uint(1, DEADLINE_EXCEEDED).string(2, 'Timeout').bytes(3, detail.finish());
  return WireWriter.small().bytes(1, correlation).bytes(2, status.finish()).finish();
};
