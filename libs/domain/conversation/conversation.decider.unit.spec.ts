import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { decidePost } from './conversation.decider.js';
import type { PostMessage } from './conversation.decider.js';

const post = (over: Partial<PostMessage> = {}): PostMessage => ({
  type: 'PostMessage',
  id: '0198c0de-0000-7000-8000-00000000000a',
  channel: 'ops',
  bot: 'alice',
  body: 'hello',
  ...over,
});
const accepted = (command: PostMessage) => decidePost(command, undefined)[0]!;
const conflict = expect.objectContaining({ code: 'id_conflict' });

describe('posting a message', () => {
  it('records exactly what the bot said', () => {
    const { type: _type, ...content } = post({ data: { n: 1 }, replyTo: 'x', correlationId: 'c' });
    expect(decidePost({ type: 'PostMessage', ...content }, undefined)).toEqual([
      { type: 'MessagePosted', data: content },
    ]);
  });

  it('accepts the same id with the same content once', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (body, data) => {
        const command = post({ body, data: data as Json });
        const repeated = post({ body, data: JSON.parse(JSON.stringify(data)) as Json });
        expect(decidePost(repeated, accepted(command))).toEqual([]);
      }),
    );
  });

  it.each([
    ['body', { body: 'bye' }],
    ['channel', { channel: 'dev' }],
    ['data', { data: { n: 2 } }],
    ['reply', { replyTo: 'y' }],
    ['correlation', { correlationId: 'd' }],
  ])('refuses the same id with another %s', (_field, other) => {
    expect(() => decidePost(post(other), accepted(post()))).toThrow(conflict);
  });

  it('takes upper and lower case for the same id', () => {
    expect(decidePost(post({ id: post().id.toUpperCase() }), accepted(post()))).toEqual([]);
  });

  it('refuses the id of an edit', () => {
    const { id, channel, bot, body } = post();
    const edited = { type: 'MessageEdited', data: { id, channel, bot, body, target: 't' } } as const;
    expect(() => decidePost(post(), edited)).toThrow(conflict);
  });
});
