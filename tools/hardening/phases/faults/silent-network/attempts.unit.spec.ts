import { describe, expect, it } from 'vitest';
import type { PostReply } from '#tools/harness/bots/outbox.js';
import { AttemptsFailed, postWithAttempts } from './attempts.js';
import type { Attempt } from './attempts.js';

const POST = { id: 'id-1', channel: 'red', body: 'hello' };
const OK: PostReply = { ok: true, id: 'id-1', channel: 'red', seq: 0, at: '' };

/** An outbox whose attempts end with these replies, one after the other. */
const outbox = (...replies: readonly (PostReply | undefined)[]) => {
  const asked: unknown[] = [];
  return {
    asked,
    attempt: (...args: unknown[]) => Promise.resolve(replies[asked.push(args) - 1]),
  };
};

describe('a bot that gives up after three attempts', () => {
  it('makes each attempt under the same id, and says what to do', async () => {
    const silent = outbox();
    const attempts: Attempt[] = [];
    const failure = await postWithAttempts(silent, POST, (one) => attempts.push(one)).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(AttemptsFailed);
    expect(String(failure)).toMatch(/id-1 .* 3 attempts of 30 s .* same id/);
    expect(silent.asked).toEqual([
      [POST, 30_000],
      [POST, 30_000],
      [POST, 30_000],
    ]);
    expect(attempts.map(({ answered }) => answered)).toEqual([false, false, false]);
  });

  it('stops at the first answer', async () => {
    const late = outbox(undefined, OK);
    const attempts: Attempt[] = [];
    expect(await postWithAttempts(late, POST, (one) => attempts.push(one))).toBe(OK);
    expect(attempts.map(({ answered }) => answered)).toEqual([false, true]);
  });
});
