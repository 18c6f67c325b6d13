import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { decideConversation, eventOf } from './conversation.decider.js';
import type { EditMessage, Known, PostMessage, RedactMessage, Target } from './conversation.decider.js';

const request = { id: '0198c0de-0000-7000-8000-00000000000a', channel: 'ops', bot: 'alice' } as const;
const target = '0198c0de-0000-7000-8000-00000000000b';
const post = (over: Partial<PostMessage> = {}): PostMessage => ({
  type: 'PostMessage',
  ...request,
  body: 'hello',
  ...over,
});
const edit = (over: Partial<EditMessage> = {}): EditMessage => ({
  type: 'EditMessage',
  ...request,
  target,
  body: 'better',
  ...over,
});
const redact = (over: Partial<RedactMessage> = {}): RedactMessage => ({
  type: 'RedactMessage',
  ...request,
  target,
  ...over,
});
const own = (over: Partial<Target> = {}): Known => ({
  target: { bot: 'alice', type: 'MessagePosted', redacted: false, ...over },
});
const rejection = (code: string) => expect.objectContaining({ code });
const conflict = rejection('id_conflict');

describe('posting a message', () => {
  it('records exactly what the bot said', () => {
    const { type: _type, ...content } = post({ data: { n: 1 }, replyTo: 'x', correlationId: 'c' });
    expect(decideConversation({ type: 'PostMessage', ...content }, {})).toEqual([
      { type: 'MessagePosted', data: content },
    ]);
  });

  it('accepts the same id with the same content once', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (body, data) => {
        const earlier = eventOf(post({ body, data: data as Json }));
        const repeated = post({ body, data: JSON.parse(JSON.stringify(data)) as Json });
        expect(decideConversation(repeated, { earlier })).toEqual([]);
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
    expect(() => decideConversation(post(other), { earlier: eventOf(post()) })).toThrow(conflict);
  });

  it('treats upper and lower case as the same id', () => {
    const shouted = post({ id: post().id.toUpperCase() });
    expect(decideConversation(shouted, { earlier: eventOf(post()) })).toEqual([]);
  });

  it('refuses the id of an edit', () => {
    expect(() => decideConversation(post(), { earlier: eventOf(edit()) })).toThrow(conflict);
  });
});

describe.each([
  ['editing', edit, 'MessageEdited'],
  ['redacting', redact, 'MessageRedacted'],
] as const)('%s a message', (_what, command, type) => {
  it('records it for a message of the bot itself', () => {
    const { type: _type, ...content } = command();
    expect(decideConversation(command(), own())).toEqual([{ type, data: content }]);
  });

  it('is refused when the bot posted no such message here', () => {
    expect(() => decideConversation(command(), {})).toThrow(rejection('unknown_message'));
  });

  it("is refused for another bot's message", () => {
    expect(() => decideConversation(command(), own({ bot: 'bob' }))).toThrow(rejection('forbidden'));
  });

  it.each(['MessageEdited', 'MessageRedacted'] as const)('is refused for a %s', (kind) => {
    expect(() => decideConversation(command(), own({ type: kind }))).toThrow(rejection('unknown_message'));
  });

  it('is refused once the message was redacted', () => {
    expect(() => decideConversation(command(), own({ redacted: true }))).toThrow(
      rejection('message_redacted'),
    );
  });

  it('changes nothing when repeated, even after the message was redacted', () => {
    const known = { ...own({ redacted: true }), earlier: eventOf(command()) };
    expect(decideConversation(command(), known)).toEqual([]);
  });

  it('is refused under the id of other content', () => {
    const earlier = eventOf(command());
    expect(() => decideConversation(command({ target: request.id }), { earlier })).toThrow(conflict);
    expect(() => decideConversation(command(), { earlier: eventOf(post()) })).toThrow(conflict);
  });
});
