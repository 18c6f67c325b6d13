import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as ws from 'ws';
import { textFrame } from './text-frame.js';

/** The receiver, which the types of `ws` leave out. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable };

const read = (frames: Buffer): string[] => {
  const texts: string[] = [];
  const receiver = new Receiver({ allowSynchronousEvents: true });
  receiver.on('message', (data: Buffer) => texts.push(data.toString()));
  receiver.write(frames);
  return texts;
};

it('is decoded to the text it was made from, one after the other', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(125, 126, 65_535, 65_536).map((length) => 'x'.repeat(length)),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
      expect(read(Buffer.concat(texts.map(textFrame)))).toEqual(texts);
    }),
  );
});
