import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PayloadReader } from './payload-reader.js';
import { HEAD_BYTES, spoiledIn } from './spoiled-frame.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const MOST = 200;

/** Returns the packets that are read from a payload that arrives in pieces, cut at these offsets. */
const read = (payload: Buffer, cuts: readonly number[]): (string | Buffer)[] => {
  const reader = new PayloadReader(MOST);
  const found: (string | Buffer)[] = [];
  const takeAll = (): void => {
    for (let packet = reader.nextPacket(); packet !== undefined; packet = reader.nextPacket())
      found.push(packet);
  };
  const places = [0, ...cuts.map((cut) => cut % (payload.length + 1)), payload.length].toSorted(
    (a, b) => a - b,
  );
  places.slice(1).forEach((place, index) => {
    reader.push(payload.subarray(places[index], place));
    takeAll();
  });
  reader.end();
  takeAll();
  expect(reader.bytes).toBe(payload.length);
  expect(reader.packets).toBe(found.length);
  return found;
};

const texts = fc.string({ unit: 'grapheme', maxLength: 300 }).filter((text) => !text.includes('\u001e'));

describe('a payload that comes in pieces', () => {
  it('is split like one that came whole, without packets that are too long', () => {
    const payloads = fc.array(texts, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(), { maxLength: 20 }), (packets, cuts) => {
        const sent = packets.map((text) => `4${text}`);
        const found = read(Buffer.from(sent.join('\u001e')), cuts);
        expect(found).toHaveLength(sent.length);
        sent.forEach((text, index) => {
          const bytes = Buffer.from(text);
          const one = found[index]!;
          if (bytes.length <= MOST) expect(one).toBe(text);
          else {
            const spoiled = spoiledIn(one)!;
            expect(spoiled).toMatchObject({ bytes: bytes.length, refusal: { code: 'message_too_large' } });
            expect(spoiled.head).toBe(bytes.subarray(1, HEAD_BYTES).toString());
          }
        });
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('says which of its packets are not UTF-8', () => {
    const [before, broken, after] = read(Buffer.from('342f1e3432ff1e346f', 'hex'), [3]);
    expect([before, after]).toEqual(['4/', '4o']);
    expect(spoiledIn(broken)).toMatchObject({ head: '2\ufffd', refusal: { code: 'invalid_payload' } });
  });

  it('remembers that there was a too long attachment, or nonsense, but not its content', () => {
    const [attachment, nonsense] = read(Buffer.from(`b${'A'.repeat(500)}\u001e9${'A'.repeat(500)}`), []);
    expect(spoiledIn(attachment)).toMatchObject({ head: undefined, bytes: 501 });
    expect(nonsense).toBe('?');
  });
});
