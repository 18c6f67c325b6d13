import fc from 'fast-check';
import { Decoder, Encoder, PacketType } from 'socket.io-parser';
import type { Packet } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { RequestError } from '#libs/protocol/errors.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { ExactDecoder } from './exact-decoder.js';
import { spoiledFrame } from '../frames/spoiled-frame.js';

const decode = (frames: readonly unknown[], decoder: Decoder = new ExactDecoder()): Packet[] => {
  const packets: Packet[] = [];
  decoder.on('decoded', (packet) => void packets.push(packet));
  for (const frame of frames) decoder.add(frame);
  return packets;
};

/** Returns the refusal that an event's payload is answered with. */
const refusal = (...frames: unknown[]): string => {
  const [packet] = decode(frames);
  const [, payload] = packet!.data as unknown[];
  if (!(payload instanceof RequestError)) throw new Error('It was read');
  return `${payload.code}: ${payload.message}`;
};

const nameOf = (frame: string): unknown => (decode([frame])[0]!.data as unknown[])[0];

const names = fc.constantFrom('/', '/bots', '/audit');
const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc.record(
    {
      type: fc.constant(PacketType.EVENT),
      nsp: names,
      id: fc.nat(),
      data: fc.jsonValue().map((value) => ['post', value]),
    },
    { requiredKeys: ['type', 'nsp', 'data'] },
  ),
  fc.record({ type: fc.constant(PacketType.ACK), nsp: names, id: fc.nat(), data: fc.array(fc.jsonValue()) }),
  fc.record({ type: fc.constant(PacketType.CONNECT), nsp: names, data: fc.constant({ key: 'k' }) }),
  fc.record({ type: fc.constantFrom(PacketType.CONNECT, PacketType.DISCONNECT), nsp: names }),
);

describe('a packet without a mistake', () => {
  it('is decoded as by Socket.IO’s own decoder', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const frames = new Encoder().encode(packet) as unknown[];
        expect(decode(frames)).toEqual(decode(frames, new Decoder()));
      }),
      { numRuns: propertyRuns(500) },
    );
  });

  it('may be an event without arguments', () => {
    expect(decode(['2/bots,1'])).toEqual([{ type: PacketType.EVENT, nsp: '/bots', id: 1 }]);
  });
});

describe('a bad request is refused with an answer', () => {
  it.each([
    ['2/bots,7["post",{"data":{"price":NaN}}]', /^invalid_payload: The payload is not valid JSON/],
    ['2/bots,7["post",{"data":-Infinity}]', /^invalid_payload: The payload is not valid JSON/],
    ['2/bots,7["post",{"body":"x"}', /not valid JSON/],
    [
      '2/bots,7["post",{"data":{"order":1285704473650888702}}]',
      /Field "data\.order": number 1285704473650888702/,
    ],
    ['2/bots,7["post",{"body":"a","body":"b"}]', /Field "body" is there more than once/],
    ['2/bots,7{"post":1}', /A request is a list/],
    ['2/bots,7[null]', /A request is a list/],
    ['2/bots,7["disconnect"]', /A request is a list/],
  ])('%s', (frame, message) => {
    expect(refusal(frame)).toMatch(message);
    expect(decode([frame])[0]).toMatchObject({ type: PacketType.EVENT, nsp: '/bots', id: 7 });
  });

  it('under its name, if that is clear, and never under a name of Socket.IO’s own', () => {
    expect(nameOf('2/bots,7["post",NaN]')).toBe('post');
    expect(nameOf('2/bots,7[NaN]')).toBe('unreadable');
    expect(nameOf('2/bots,7["disconnect",NaN]')).toBe('unreadable');
    expect(nameOf('2/bots,7["disconnect",1]')).toBe('unreadable');
  });

  it('with attachments, which are not kept', () => {
    const frames = [
      '52-/bots,7["post",{"data":{"a":{"_placeholder":true,"num":0}}}]',
      Buffer.from('x'),
      Buffer.from('y'),
    ];
    expect(refusal(...frames)).toMatch(/Field "data\.a" is binary/);
    expect(decode([...frames, '2/bots,8["who",{}]'])).toHaveLength(2);
    expect(refusal('5500-/bots,7["post",{}]')).toMatch(/is binary/);
  });

  it('where only its head was kept', () => {
    const tooLarge = new RequestError('message_too_large', 'Too large');
    const frame = (head: string | undefined) => spoiledFrame({ head, bytes: 1_000_000, refusal: tooLarge });
    expect(refusal(frame('2/bots,7["post",{"body":"xxx'))).toBe('message_too_large: Too large');
    expect(decode([frame('0/bots,{"key":"xxx')])[0]!.data).toBe(tooLarge);
    expect(decode([frame('3/bots,4[{"a":"xxx')])[0]).toMatchObject({ id: 4, data: [] });
    expect(decode(['51-/bots,7["post",{}]', frame(undefined), '2/bots,8["who",{}]'])).toHaveLength(2);
  });
});

describe('a handshake', () => {
  it.each([
    '0/bots,{"key":NaN}',
    '0/bots,{"resume":{"general":1e400}}',
    '0/bots,[]',
    '0/bots,"x"',
    '0/bots,{',
  ])('that can’t be read is refused: %s', (frame) => {
    expect(decode([frame])[0]!.data).toBeInstanceOf(RequestError);
  });

  it('can be told from every other packet by its refusal', () => {
    const [one, other] = decode(['0/bots,{', '0/bots,{']);
    expect(one!.data).not.toBe(other!.data);
  });
});

it('an acknowledgement counts, whatever a handler returned', () => {
  const frames = ['3/bots,4[NaN]', '3/bots,4[1e400]', '3/bots,4', '3/bots,4{}'];
  for (const frame of frames) expect(decode([frame])[0]).toMatchObject({ type: PacketType.ACK, id: 4 });
  expect(decode(['61-/bots,4[{"_placeholder":true,"num":0}]', Buffer.from('x')])).toHaveLength(1);
});

it.each([
  ['7/bots,', /no packet/],
  ['', /no packet/],
  ['2/bots,1234567890123456["who",{}]', /15 digits/],
  ['4/bots,{}', /not allowed here/],
  ['1/bots,{}', /not allowed here/],
  ['5/bots,1["post"]', /attachments/],
  ['50-/bots,1["post"]', /attachments/],
  ['21-/bots,1["post"]', /attachments/],
  ['5999999999-/bots,1["post"]', /attachments/],
])('a breach of the protocol throws: %s', (frame, why) => {
  expect(() => decode([frame])).toThrow(why);
  expect(() => decode([Buffer.from('x')])).toThrow(/belongs to no packet/);
  expect(() => decode(['51-/bots,1["post"]', '2/bots,2["who"]'])).toThrow(/was due/);
});
