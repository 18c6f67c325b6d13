import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MessageReader, frameMessages } from './message-reader.js';

it('Messages come out whole, however they were cut on the way', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 10 });
  fc.assert(
    fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (sent, cuts) => {
      const bytes = frameMessages(sent.map((message) => Buffer.from(message)));
      const reader = new MessageReader(100);
      const received: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = at + cuts.next().value;
        reader.readPiece(bytes.subarray(at, end), (message) => received.push(new Uint8Array(message)));
        at = end;
      }
      expect(received).toEqual(sent);
    }),
  );
});

it('A message that is too long or compressed is refused by its header', () => {
  const tooLong = frameMessages([Buffer.alloc(101)]).subarray(0, 5);
  expect(() => new MessageReader(100).readPiece(tooLong, () => {})).toThrow(
    /larger than max \(101 vs 100\)/u,
  );
  const compressed = frameMessages([Buffer.alloc(10)]);
  compressed[0] = 1;
  expect(() => new MessageReader(100).readPiece(compressed, () => {})).toThrow(/Compressed/u);
});
