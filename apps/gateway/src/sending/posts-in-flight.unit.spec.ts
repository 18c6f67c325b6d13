import { describe, expect, it } from 'vitest';
import type { PostMessage } from '#libs/domain/conversation/conversation.decider.js';
import type { Posted } from './posted.js';
import { PostsInFlight } from './posts-in-flight.js';

const post = (over: Partial<PostMessage> = {}): PostMessage => ({
  type: 'PostMessage',
  id: '0198c0de-0000-7000-8000-00000000000a',
  channel: 'ops',
  bot: 'alice',
  body: 'hello',
  ...over,
});
const answer: Posted = { id: post().id, channel: 'ops', seq: 7, at: '2026-01-01T00:00:00.000Z' };

/** Builds an append that ends when the test says so. */
const pendingAppend = () => {
  let settle!: { resolve: (posted: Posted) => void; reject: (error: Error) => void };
  const done = new Promise<Posted>((resolve, reject) => (settle = { resolve, reject }));
  let calls = 0;
  const append = (): Promise<Posted> => {
    calls += 1;
    return done;
  };
  return { append, settle, calls: () => calls };
};

describe('posts in flight', () => {
  it('appends the same post once and answers the second as a duplicate', async () => {
    const inFlight = new PostsInFlight();
    const { append, settle, calls } = pendingAppend();
    const first = inFlight.submit(post(), append);
    const second = inFlight.submit(post(), append);
    settle.resolve(answer);
    expect(await Promise.all([first, second])).toEqual([answer, { ...answer, duplicate: true }]);
    expect(calls()).toBe(1);
  });

  it('refuses the same id with other content, in another channel too', () => {
    const inFlight = new PostsInFlight();
    const { append } = pendingAppend();
    void inFlight.submit(post(), append);
    expect(() => inFlight.submit(post({ body: 'bye' }), append)).toThrow('was already used');
    expect(() => inFlight.submit(post({ channel: 'dev' }), append)).toThrow('was already used');
  });

  it('lets another bot use the same id', () => {
    const inFlight = new PostsInFlight();
    const { append, calls } = pendingAppend();
    void inFlight.submit(post(), append);
    void inFlight.submit(post({ bot: 'bob' }), append);
    expect(calls()).toBe(2);
  });

  it('forgets a post that failed, so that it can be tried again', async () => {
    const inFlight = new PostsInFlight();
    const failing = pendingAppend();
    const first = inFlight.submit(post(), failing.append);
    failing.settle.reject(new Error('away'));
    await expect(first).rejects.toThrow('away');
    const again = pendingAppend();
    again.settle.resolve(answer);
    expect(await inFlight.submit(post(), again.append)).toEqual(answer);
  });
});
