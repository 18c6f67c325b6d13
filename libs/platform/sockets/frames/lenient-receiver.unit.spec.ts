import type { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import * as ws from 'ws';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beforeBreak, boundMessages, readOn } from './lenient-receiver.js';
import { HEAD_BYTES, spoiledIn } from './spoiled-frame.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';

const ALLOWED = 1_000;
const MOST = 100_000;

type Options = Readonly<{ fin: boolean; opcode: number; mask: boolean; readOnly: boolean; rsv1: boolean }>;
type Parts = Readonly<{
  Receiver: new (options: object) => EventEmitter & { write(chunk: Buffer): boolean };
  Sender: { frame(data: Buffer, options: Options): Buffer[] };
}>;
/** The parts of `ws` that its types do not show. */
const { Receiver, Sender } = ws as unknown as Parts;

const frame = (data: Buffer, opcode: number, fin: boolean): Buffer =>
  Buffer.concat(Sender.frame(data, { fin, opcode, mask: true, readOnly: true, rsv1: false }));

type Got = Readonly<{ data: Buffer; isBinary: boolean }>;

/** A WebSocket of which only the reading half exists. */
const receive = (bytes: Buffer, cuts: readonly number[] = []) => {
  const receiver = new Receiver({ isServer: true, maxPayload: ALLOWED, maxFragments: 1_000 });
  const socket = { _receiver: receiver };
  const got: Got[] = [];
  const errors: string[] = [];
  let pings = 0;
  const share = { take: () => true };
  readOn(socket, ALLOWED, share);
  readOn(socket, ALLOWED, share);
  boundMessages(socket, MOST);
  beforeBreak(socket, ({ code }) => void errors.push(String(code)));
  receiver.on('message', (data: Buffer, isBinary: boolean) => void got.push({ data, isBinary }));
  receiver.on('ping', () => (pings += 1));
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  places.slice(1).forEach((place, index) => void receiver.write(bytes.subarray(places[index], place)));
  return { got, errors, pings: () => pings };
};

const message = fc.record({
  text: fc
    .oneof(
      fc.string({ unit: 'grapheme' }),
      fc.nat(3_000).map((size) => `4${'é'.repeat(size)}`),
    )
    .map((text) => `4${text}`),
  isBinary: fc.boolean(),
  fragments: fc.array(fc.nat(3_000), { maxLength: 4 }),
});

const LETTER = Buffer.from('4');

/** The first byte of a heartbeat frame: its opcode, and that the message is complete. */
const PING = 0x89;

/** Returns a message in fragments, with a heartbeat between each two of them. */
const framesOf = ({
  text,
  isBinary,
  fragments,
}: Readonly<{ text: string; isBinary: boolean; fragments: number[] }>) => {
  const data = Buffer.from(text);
  const ends = [...fragments.filter((end) => end < data.length).toSorted((a, b) => a - b), data.length];
  return ends.flatMap((end, index) => {
    const opcode = index > 0 ? 0 : isBinary ? 2 : 1;
    const part = frame(data.subarray(ends[index - 1] ?? 0, end), opcode, end === data.length);
    return index > 0 ? [frame(Buffer.from('x'), 9, true), part] : [part];
  });
};

describe('a WebSocket that survives too long messages', () => {
  it('delivers every message, or only its head if it is too long, however it is cut into frames and pieces', () => {
    const scripts = fc.array(message, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(scripts, fc.array(fc.nat(), { maxLength: 30 }), (messages, cuts) => {
        const frames = messages.flatMap((one) => framesOf(one));
        const { got, errors, pings } = receive(Buffer.concat(frames), cuts);
        expect(errors).toEqual([]);
        expect(got).toHaveLength(messages.length);
        expect(pings()).toBe(frames.filter((one) => one[0] === PING).length);
        messages.forEach(({ text, isBinary }, index) => {
          const sent = Buffer.from(text);
          const { data, isBinary: isSo } = got[index]!;
          if (sent.length <= ALLOWED) expect([data.toString(), isSo]).toEqual([text, isBinary]);
          else {
            const head = isBinary ? undefined : sent.subarray(1, HEAD_BYTES).toString();
            const refusal = { code: 'message_too_large' };
            expect(spoiledIn(data)).toMatchObject({ head, bytes: sent.length, refusal });
          }
        });
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  it('delivers a limited number of messages per turn, and the others in order in the next turns, before the end', async () => {
    const receiver = new Receiver({ isServer: true, maxPayload: ALLOWED, maxFragments: 1_000 });
    let [room, turns] = [4, 0];
    const got: string[] = [];
    readOn({ _receiver: receiver }, ALLOWED, { take: () => (room -= 1) >= 0 });
    receiver.on('message', (data: Buffer) => void got.push(data.toString()));
    receiver.on('ping', (data: Buffer) => void got.push(data.toString()));
    receiver.on('conclude', () => void got.push('end'));
    const texts = Array.from({ length: 20 }, (_, index) => `4${index}`);
    const frames = texts.map((text, index) => frame(Buffer.from(text), index % 5 === 4 ? 9 : 1, true));
    receiver.write(Buffer.concat([...frames, frame(Buffer.alloc(0), 8, true)]));
    expect(got).toEqual(texts.slice(0, 4));
    for (; !got.includes('end') && turns < 100; turns += 1) {
      room = 4;
      const before = got.length;
      await setImmediate();
      // The message that was put off, and then as many as the share allows.
      expect(got.length - before).toBeLessThanOrEqual(5 + 1);
    }
    expect(got).toEqual([...texts, 'end']);
    expect(turns).toBeGreaterThan(2);
  });

  it('reports invalid UTF-8', () => {
    const { got, errors } = receive(frame(Buffer.from('3432ff', 'hex'), 1, true));
    expect(spoiledIn(got[0]!.data)).toMatchObject({ head: '2\ufffd', refusal: { code: 'invalid_payload' } });
    expect(errors).toEqual([]);
  });

  it('keeps little of a long message while it arrives', () => {
    const long = frame(Buffer.alloc(MOST, '4'), 1, true);
    const pieces = Array.from({ length: 100 }, (_, index) => index * 1_000);
    expect(receive(long, pieces).got).toHaveLength(1);
  });

  it('is closed for a still longer message, after a notice', async () => {
    const long = receive(frame(Buffer.alloc(MOST + 1), 1, true));
    const many = receive(
      Buffer.concat(Array.from({ length: 1_002 }, (_, index) => frame(LETTER, index === 0 ? 1 : 0, false))),
    );
    // A stream reports an error in the next turn.
    await setImmediate();
    expect(long.errors).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
    expect(many.errors).toEqual(['WS_ERR_TOO_MANY_BUFFERED_PARTS']);
  });

  it('does not let a client send endless fragments after a dropped message', async () => {
    const begun = frame(Buffer.alloc(ALLOWED + 1, '4'), 1, false);
    const more = Array.from({ length: 1_002 }, () => frame(Buffer.alloc(0), 0, false));
    const { errors } = receive(Buffer.concat([begun, ...more]));
    await setImmediate();
    expect(errors).toEqual(['WS_ERR_TOO_MANY_BUFFERED_PARTS']);
  });
});
