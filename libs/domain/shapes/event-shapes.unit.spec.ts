import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { whyMisshapen } from './event-shapes.js';

const ID = '0198f0aa-1f2b-7c3d-8e4f-5a6b7c8d9e0f';
const connection = { bot: 'ada', consumer: 'default', connection: 'c', gateway: 'g' };

/** One event of each type, as our own code writes it. */
const GOOD: readonly (readonly [stream: string, type: string, data: Record<string, unknown>])[] = [
  [
    'messages-ops',
    'MessagePosted',
    { id: ID, channel: 'ops', bot: 'ada', body: '', data: { a: [1] }, replyTo: ID },
  ],
  ['messages-ops', 'MessageEdited', { id: ID, channel: 'ops', bot: 'ada', target: ID, body: 'b' }],
  ['messages-ops', 'MessageRedacted', { id: ID, channel: 'ops', bot: 'ada', target: ID, reason: 'r' }],
  ['channel-ops', 'ChannelOpened', { channel: 'ops', visibility: 'private' }],
  ['channel-ops', 'ChannelArchived', { channel: 'ops' }],
  ['channel-ops', 'BotJoined', { channel: 'ops', bot: 'ada', from: -1 }],
  ['channel-ops', 'BotLeft', { channel: 'ops', bot: 'ada' }],
  ['bot-ada', 'BotRegistered', { bot: 'ada' }],
  ['bot-ada', 'KeyIssued', { bot: 'ada', keyId: 'k', hash: 'h' }],
  ['bot-ada', 'KeyRevoked', { bot: 'ada', keyId: 'k' }],
  ['bot-ada', 'BotSuspended', { bot: 'ada' }],
  ['bot-ada', 'BotReinstated', { bot: 'ada' }],
  ['keys-admin', 'OperatorKeyIssued', { role: 'admin', keyId: 'k', hash: 'h' }],
  ['keys-auditor', 'OperatorKeyRevoked', { role: 'auditor', keyId: 'k' }],
  ['presence-ada', 'BotConnected', connection],
  ['presence-ada', 'BotDisconnected', { ...connection, reason: 'left' }],
  ['gateways-heartbeats', 'GatewaySeen', { gateway: 'g' }],
  ['gateways-heartbeats', 'GatewayStopped', { gateway: 'g' }],
  ['decisions-events', 'EventSetAside', { stream: 'messages-ops', revision: 3, reason: 'r', keyId: 'k' }],
  ['cursor-ada.default', 'CursorAdvanced', { cursors: { ops: -1, other: 7 }, epoch: 3 }],
];

describe('what an event type promises', () => {
  it.each(GOOD)('%s %s is kept by what we write, and by what has more fields', (stream, type, data) => {
    expect(whyMisshapen(stream, type, data)).toBeUndefined();
    expect(whyMisshapen(stream, type, { ...data, later: { more: true } })).toBeUndefined();
  });

  it.each(GOOD)(
    '%s %s is broken by any field of another type, and by one that is missing',
    (stream, type, data) => {
      for (const field of Object.keys(data)) {
        if (field !== 'data')
          expect(whyMisshapen(stream, type, { ...data, [field]: [] })).toContain(`"${field}"`);
        expect(whyMisshapen(stream, type, { ...data, [field]: null })).toContain(`"${field}"`);
      }
      expect(whyMisshapen(stream, type, {})).toContain('is missing');
      for (const odd of [null, 7, 'text', [data], true]) {
        expect(whyMisshapen(stream, type, odd)).toBe('its data is not an object');
      }
    },
  );

  it.each([
    ['messages-other', 'MessagePosted', GOOD[0]![2], 'field "channel" names another than its stream'],
    ['messages-ops', 'BotJoined', {}, 'its type is none that a "messages-" stream holds'],
    ['decisions-others', 'EventSetAside', {}, `its stream's name is none that a "decisions-" stream has`],
    ['messages-ops', 'constructor', {}, 'its type is none that a "messages-" stream holds'],
    ['messages-ops', '$metadata', {}, 'its type is none that a "messages-" stream holds'],
    [
      'messages-no such',
      'MessagePosted',
      GOOD[0]![2],
      `its stream's name is none that a "messages-" stream has`,
    ],
    ['messages-', 'MessagePosted', GOOD[0]![2], `its stream's name is none that a "messages-" stream has`],
    ['keys-root', 'OperatorKeyIssued', GOOD[12]![2], `its stream's name is none that a "keys-" stream has`],
    [
      'channel-ops',
      'BotJoined',
      { channel: 'ops', bot: 'ada', from: 1e300 },
      'field "from" is not a whole number from -1',
    ],
    [
      'cursor-ada.x',
      'CursorAdvanced',
      { cursors: { ops: 1.5 } },
      'field "cursors" is not an object of whole numbers',
    ],
    [
      'bot-ada',
      'KeyIssued',
      { bot: 'ada', keyId: 'k'.repeat(300), hash: 'h' },
      'field "keyId" is not text of 1 to 256',
    ],
  ] as const)('%s %s with %j is not kept: %#', (stream, type, data, why) => {
    expect(whyMisshapen(stream, type, data)).toContain(why);
  });

  it('does not concern streams that are not ours', () => {
    for (const stream of ['other', 'mymessages-ops', '$stats', '']) {
      expect(whyMisshapen(stream, 'MessagePosted', null)).toBeUndefined();
    }
  });

  it('is checked without an error for any JSON, even if it is deeply nested', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    const posted = GOOD[0]![2];
    expect(whyMisshapen('messages-ops', 'MessagePosted', { ...posted, data: deep })).toContain(
      'nested at most',
    );
    const places = fc.constantFrom(...GOOD.map(([stream, type]) => [stream, type] as const));
    fc.assert(
      fc.property(places, fc.jsonValue(), ([stream, type], data) => {
        const why = whyMisshapen(stream, type, data);
        expect(why === undefined || why.length > 0).toBe(true);
      }),
    );
  });
});
