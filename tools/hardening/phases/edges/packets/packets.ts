import type { Packet } from './packet.js';

const INVALID = { code: 'invalid_payload', status: 400 } as const;
const TOO_LARGE = { code: 'message_too_large', status: 413 } as const;
const UNKNOWN = { code: 'unknown_event', status: 404 } as const;
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const placeholder = (num: unknown): string => JSON.stringify({ _placeholder: true, num });
const attachment = Buffer.from('attached');

const UNREADABLE: readonly Packet[] = [
  { sent: 'NaN, which JSON does not have', frames: ['42/bots,1["post",{"data":NaN}]'], expected: INVALID },
  {
    sent: 'a number too large for a double',
    frames: ['42/bots,1["post",{"data":1e400}]'],
    expected: INVALID,
  },
  { sent: 'an unknown packet type of Engine.IO', frames: ['9abc'], expected: 'closes' },
  { sent: 'an empty frame', frames: [''], expected: 'closes' },
  { sent: 'an unknown packet type of Socket.IO', frames: ['49'], expected: 'closes' },
  { sent: 'an empty message', frames: ['4'], expected: 'closes' },
  { sent: 'text that is not a packet', frames: ['4hello'], expected: 'closes' },
  {
    sent: 'text that is not a packet, before a namespace is entered',
    frames: ['4hello'],
    expected: 'closes',
    before: true,
  },
  {
    sent: 'an event before a namespace is entered',
    frames: ['42/bots,1["who",{}]'],
    expected: 'closes',
    before: true,
  },
  { sent: 'JSON that ends early', frames: ['42/bots,1["post",{'], expected: INVALID },
  { sent: 'an object instead of a list', frames: ['42/bots,1{"a":1}'], expected: INVALID },
  { sent: 'a text instead of a list', frames: ['42/bots,1"post"'], expected: INVALID },
  { sent: 'an empty list', frames: ['42/bots,1[]'], expected: INVALID },
];

const EVENTS: readonly Packet[] = [
  { sent: 'an event named null', frames: ['42/bots,1[null]'], expected: INVALID },
  { sent: 'an event named by an object', frames: ['42/bots,1[{"a":1}]'], expected: INVALID },
  { sent: 'an event named by a number', frames: ['42/bots,1[7]'], expected: UNKNOWN },
  { sent: 'an event with a reserved name', frames: ['42/bots,1["disconnect",{}]'], expected: INVALID },
  { sent: 'an event named __proto__', frames: ['42/bots,1["__proto__",{}]'], expected: UNKNOWN },
  { sent: 'an event named hasOwnProperty', frames: ['42/bots,1["hasOwnProperty",{}]'], expected: UNKNOWN },
  {
    sent: 'a payload with __proto__',
    frames: ['42/bots,1["who",{"channel":"x","__proto__":{"a":1}}]'],
    expected: INVALID,
  },
  {
    sent: 'an event in a namespace that was not entered',
    frames: ['42/nowhere,1["post",{}]'],
    expected: 'closes',
  },
];

const HANDSHAKES: readonly Packet[] = [
  { sent: 'a namespace that does not exist', frames: ['40/../../etc/passwd,{}'], expected: 'ignored' },
  {
    sent: 'a namespace of 100,000 letters',
    frames: [`42/${'x'.repeat(100_000)},1["a"]`],
    expected: 'closes',
  },
  { sent: 'a handshake that is a list', frames: ['40/bots,[]'], expected: 'closes', before: true },
  { sent: 'the handshake again, with another key', frames: ['40/bots,{"key":"x"}'], expected: 'ignored' },
];

const ATTACHMENTS: readonly Packet[] = [
  {
    sent: 'a binary event whose attachment never comes',
    frames: [`451-/bots,1["post",${placeholder(0)}]`, '42/bots,2["who",{}]'],
    expected: 'closes',
  },
  {
    sent: 'a placeholder past the attachments',
    frames: [`451-/bots,1["post",${placeholder(10)}]`, attachment],
    expected: INVALID,
  },
  {
    sent: 'a placeholder that is not a number',
    frames: [`451-/bots,1["post",${placeholder('splice')}]`, attachment],
    expected: INVALID,
  },
  {
    sent: 'a binary event with 99,999,999,999 attachments',
    frames: ['4599999999999-/bots,1["post",{}]'],
    expected: 'closes',
  },
  {
    sent: 'a binary event without a number of attachments',
    frames: ['45-/bots,1["post",{}]'],
    expected: 'closes',
  },
  { sent: 'an attachment to nothing', frames: [attachment], expected: 'closes' },
  {
    sent: 'a payload that is an attachment',
    frames: [`451-/bots,1["post",${placeholder(0)}]`, attachment],
    expected: INVALID,
  },
];

const ACKNOWLEDGEMENTS: readonly Packet[] = [
  {
    sent: 'an acknowledgement id of 23 digits',
    frames: ['42/bots,99999999999999999999999["who",{}]'],
    expected: 'closes',
  },
  {
    sent: 'an acknowledgement nobody asked for',
    frames: ['43/bots,999999999999999[{}]'],
    expected: 'ignored',
  },
  { sent: 'an acknowledgement that is not a list', frames: ['43/bots,5{"a":1}'], expected: 'ignored' },
  { sent: 'a connect_error from the client', frames: ['44/bots,{"message":"x"}'], expected: 'closes' },
];

/** About the deepest nesting that fits into a frame of 64 KiB. */
const DEEPEST = 30_000;

const large = (channel: string): readonly Packet[] => [
  {
    sent: 'a payload nested 30,000 deep',
    frames: [`42/bots,1["who",{"channel":${deep(DEEPEST)}}]`],
    expected: INVALID,
  },
  {
    sent: 'data nested 30,000 deep',
    frames: [
      `42/bots,1["post",{"id":"0198c0de-7a3b-7c21-9d4e-5f60718293a4","channel":"${channel}","body":"x","data":${deep(DEEPEST)}}]`,
    ],
    expected: INVALID,
  },
  {
    sent: 'a payload nested 100,000 deep, which is longer than a frame may be',
    frames: [`42/bots,1["who",{"channel":${deep(100_000)}}]`],
    expected: TOO_LARGE,
  },
  {
    sent: 'a frame of 1.1 MB',
    frames: [`42/bots,1["post",{"body":"${'x'.repeat(1_100_000)}"}]`],
    expected: TOO_LARGE,
  },
  {
    sent: 'a frame of 17 MB, which is over the transport’s limit',
    frames: [`42/bots,1["post",{"body":"${'x'.repeat(17 * 1024 * 1024)}"}]`],
    expected: 'closes',
  },
  {
    sent: 'more arguments than the event takes',
    frames: ['42/bots,1["who",{},1,[2],{"x":3}]'],
    expected: INVALID,
  },
];

/** Returns all packets. A text frame is Engine.IO's `4`, then Socket.IO's type, namespace, acknowledgement id and JSON. */
export const packets = (channel: string): readonly Packet[] => [
  ...UNREADABLE,
  ...EVENTS,
  ...HANDSHAKES,
  ...ATTACHMENTS,
  ...ACKNOWLEDGEMENTS,
  ...large(channel),
];
