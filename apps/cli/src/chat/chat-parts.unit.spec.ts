import { describe, expect, it } from 'vitest';
import type { WireError } from '#libs/protocol/errors.js';
import type { Message } from '#libs/protocol/message.js';
import { Acknowledger } from './acknowledger.js';
import { Outbox, type Post, type PostAnswer } from './outbox.js';
import { printable } from '../printable.js';
import { messageLine } from './message-line.js';

const message = (fields: Partial<Message> = {}): Message => ({
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  channel: 'general',
  seq: 7,
  kind: 'posted',
  bot: 'alice',
  body: 'hi',
  at: '2026-11-24T10:03:04.123Z',
  ...fields,
});

describe('a message on a terminal', () => {
  it('is one line with seq, time and sender; what was missed is marked', () => {
    expect(messageLine(message(), false)).toBe('#7 10:03:04 alice: hi');
    expect(messageLine(message(), true)).toBe('| #7 10:03:04 alice: hi');
    expect(messageLine(message({ kind: 'redacted', body: '' }), false)).toContain('took a message back');
    expect(messageLine(message({ body: '', redacted: true }), false)).toContain('(taken back)');
  });

  it('can’t move the cursor, ring, or turn the text around', () => {
    expect(printable('a\u001b[31mb\u0007\u202ec\u009b')).toBe('a\\u001b[31mb\\u0007\\u202ec\\u009b');
    expect(printable('one\r\ntwo\tthree')).toBe('one\n    two    three');
    expect(printable('schön 😀 ’')).toBe('schön 😀 ’');
  });
});

const refusal = (code: 'empty_message' | 'rate_limited', retryable: boolean): PostAnswer => ({
  ok: false,
  error: { code, status: 400, message: code, retryable, retryAfterMs: 1 },
});

const outboxOver = (answers: (PostAnswer | Error)[]) => {
  const sent: Post[] = [];
  const refused: WireError[] = [];
  const ended = new AbortController();
  const send = (post: Post): Promise<PostAnswer> => {
    sent.push(post);
    const answer = answers.shift();
    return answer instanceof Error || answer === undefined
      ? Promise.reject(new Error('cut'))
      : Promise.resolve(answer);
  };
  return { sent, refused, ended, outbox: new Outbox(send, (error) => refused.push(error), ended.signal) };
};

describe('the outbox', () => {
  it('tries a line again under the same id until it is accepted, and only then sends the next', async () => {
    const { outbox, sent } = outboxOver([
      refusal('rate_limited', true),
      refusal('rate_limited', true),
      { ok: true, seq: 3, duplicate: true },
      { ok: true, seq: 4 },
    ]);
    outbox.addPost({ id: 'a', body: 'one' });
    outbox.addPost({ id: 'b', body: 'two' });
    await outbox.drained();
    expect(sent.map(({ id }) => id)).toEqual(['a', 'a', 'a', 'b']);
    expect(outbox.lastSeq).toBe(4);
  });

  it('says what was refused for good and continues', async () => {
    const { outbox, refused } = outboxOver([refusal('empty_message', false), { ok: true, seq: 0 }]);
    outbox.addPost({ id: 'a', body: ' ' });
    outbox.addPost({ id: 'b', body: 'two' });
    await outbox.drained();
    expect(refused.map(({ code }) => code)).toEqual(['empty_message']);
    expect(outbox.lastSeq).toBe(0);
  });

  it('gives up when the chat ends', async () => {
    const { outbox, ended } = outboxOver([]);
    outbox.addPost({ id: 'a', body: 'one' });
    ended.abort();
    await outbox.drained();
    expect(outbox.lastSeq).toBe(-1);
  });
});

describe('acknowledging what was shown', () => {
  it('asks one at a time, each time with the newest', async () => {
    const told: number[] = [];
    const acknowledger = new Acknowledger(async (seq) => {
      told.push(seq);
      await Promise.resolve();
    });
    for (const seq of [1, 2, 3, 4]) acknowledger.shownUpTo(seq);
    await acknowledger.settled();
    expect(told).toEqual([1, 4]);
    acknowledger.toldUpTo(9);
    acknowledger.shownUpTo(9);
    await acknowledger.settled();
    expect(told).toEqual([1, 4]);
  });

  it('asks again with the next message when no answer came', async () => {
    let cut = true;
    const told: number[] = [];
    const acknowledger = new Acknowledger((seq) => {
      if (cut) return Promise.reject(new Error('cut'));
      told.push(seq);
      return Promise.resolve();
    });
    acknowledger.shownUpTo(1);
    await acknowledger.settled();
    cut = false;
    acknowledger.shownUpTo(2);
    await acknowledger.settled();
    expect(told).toEqual([2]);
  });
});
