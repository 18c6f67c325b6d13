import { describe, expect, it } from 'vitest';
import { recordedEvent } from '#test/support/recorded-event.js';
import type { Json } from '#libs/domain/json.js';
import { termsOf } from './event-terms.js';

const event = (stream: string, type: string, data: Json, ids: { chain?: string; cause?: string } = {}) => {
  const told = { ...recordedEvent(stream, 0, type, data), eventId: 'E' };
  const { chain = 'E', cause = chain } = ids;
  return { ...told, metadata: { ...told.metadata, $correlationId: chain, $causationId: cause } };
};

describe('the terms of an event', () => {
  it.each([
    ['by its id alone', event('audit-acts', 'AdminActed', {}), ['event:e']],
    [
      'a message, also by the id that its bot chose',
      event('messages-ops', 'MessagePosted', { id: 'M' }, { chain: 'm', cause: 'M' }),
      ['event:e', 'message:m'],
    ],
    [
      'a message, by the chain that it goes on',
      event('messages-ops', 'MessagePosted', { id: 'M' }, { chain: 'C', cause: 'M' }),
      ['event:e', 'message:m', 'chain:c'],
    ],
    [
      'a reply, by the message that it answers',
      event('messages-ops', 'MessagePosted', { id: 'M', replyTo: 'R' }, { chain: 'M' }),
      ['event:e', 'message:m', 'about:r'],
    ],
    [
      'an edit, by its target',
      event('messages-ops', 'MessageEdited', { id: 'M', target: 'T' }, { chain: 'M' }),
      ['event:e', 'message:m', 'about:t'],
    ],
    [
      'a key that was issued',
      event('bot-ann', 'KeyIssued', { bot: 'ann', keyId: 'k2' }, { chain: 'C' }),
      ['event:e', 'key:k2', 'chain:c'],
    ],
    [
      'a connection, whose id has upper and lower case',
      event('presence-ann', 'BotConnected', { connection: 'aB' }),
      ['event:e', 'connection:aB'],
    ],
    [
      'a cause that began no chain',
      event('messages-ops', 'MessagePosted', { id: 'M' }, { chain: 'C', cause: 'X' }),
      ['event:e', 'message:m', 'chain:c', 'cause:x'],
    ],
  ])('%s', (_what, told, terms) => {
    expect(termsOf(told)).toEqual(terms);
  });

  it('are those of its id when nobody can understand it', () => {
    const told = event('messages-ops', 'MessagePosted', { id: 'M' });
    expect(termsOf({ ...told, unreadable: 'its data is not JSON' })).toEqual(['event:e']);
  });

  it('take no notice of metadata that hold no ids', () => {
    const told = event('messages-ops', 'MessagePosted', { id: 7 });
    const metadata = { ...told.metadata, $correlationId: 5, $causationId: null } as never;
    expect(termsOf({ ...told, metadata })).toEqual(['event:e']);
  });
});
