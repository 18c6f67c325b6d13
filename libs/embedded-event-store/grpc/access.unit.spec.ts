import { expect, it } from 'vitest';
import { accessOf } from './access.js';

const APPEND = '/event_store.client.streams.Streams/Append';
const GOSSIP = '/event_store.client.gossip.Gossip/Read';
const CREDENTIALS = { username: 'admin', password: 'chängeit:2' };
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

it.each([
  [undefined, APPEND, undefined, 'granted'],
  [undefined, APPEND, basic('anyone:at all'), 'granted'],
  [CREDENTIALS, APPEND, basic('admin:chängeit:2'), 'granted'],
  [CREDENTIALS, APPEND, basic('admin:changeit'), 'wrong'],
  [CREDENTIALS, APPEND, 'Bearer x', 'wrong'],
  [CREDENTIALS, APPEND, undefined, 'denied'],
  [CREDENTIALS, GOSSIP, undefined, 'granted'],
  [CREDENTIALS, GOSSIP, basic('admin:changeit'), 'wrong'],
] as const)('With %j a call of %s by %s is %s', (credentials, path, authorization, access) => {
  expect(accessOf(credentials, path, authorization)).toBe(access);
});
