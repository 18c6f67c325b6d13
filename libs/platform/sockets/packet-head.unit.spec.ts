import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readPacketHead } from './packet-head.js';

const namespaces = fc.constantFrom('/', '/bots', '/admin');
const events = fc.constantFrom('post', 'history', 'ack');

it('reads from every event the parts that it was made from', () => {
  const packet = fc.record({
    nsp: namespaces,
    id: fc.option(fc.nat(), { nil: undefined }),
    event: events,
    payload: fc.json(),
  });
  fc.assert(
    fc.property(packet, ({ nsp, id, event, payload }) => {
      const text = `2${nsp === '/' ? '' : `${nsp},`}${id ?? ''}${JSON.stringify([event, payload])}`;
      const expected = {
        kind: 'event',
        namespace: nsp,
        event,
        ...(id === undefined ? {} : { id: String(id) }),
      };
      expect(readPacketHead(text)).toEqual(expected);
    }),
  );
});

it.each([
  ['0/bots,{"key":"x"}', { kind: 'connect', namespace: '/bots' }],
  ['0', { kind: 'connect', namespace: '/' }],
  ['1/bots,', { kind: 'disconnect', namespace: '/bots' }],
  ['3/bots,12[]', { kind: 'acknowledgement', namespace: '/bots', id: '12' }],
  [
    '51-/bots,7["post",{"_placeholder":true,"num":0}]',
    { kind: 'event', namespace: '/bots', id: '7', event: 'post', attachments: 1 },
  ],
  ['2["no such Name"]', { kind: 'event', namespace: '/' }],
  ['2[1]', { kind: 'event', namespace: '/' }],
  ['9', { kind: 'other', namespace: '/' }],
  ['', { kind: 'other', namespace: '/' }],
])('%s', (packet, head) => {
  expect(readPacketHead(packet)).toEqual(head);
});

it('accepts any text, and never takes long', () => {
  fc.assert(fc.property(fc.string(), (text) => void readPacketHead(text)));
  expect(readPacketHead(`2/${'b'.repeat(60_000)}`).kind).toBe('event');
});
