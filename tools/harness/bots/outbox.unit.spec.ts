import { describe, expect, it, vi } from 'vitest';
import type { Step } from '../checker/history.js';
import { Random } from '../random.js';
import { Outbox } from './outbox.js';
import type { Post, PostReply } from './outbox.js';

const REFUSAL: PostReply = {
  ok: false,
  error: { code: 'store_unavailable', status: 503, message: 'Try again', retryable: true },
};
const okFor = ({ id, channel }: Post): PostReply => ({ ok: true, id, channel, seq: 0, at: '' });

/** An outbox on a connection that may be up or down; the spec gives the answers. */
const scene = () => {
  const sent: { post: Post; answer: (reply: PostReply) => void }[] = [];
  const steps: Step[] = [];
  const line = { isUp: true };
  const send = (post: Post, answer: (reply: PostReply) => void): boolean => {
    if (line.isUp) sent.push({ post, answer });
    return line.isUp;
  };
  const outbox = new Outbox('ada', send, (step) => steps.push(step), new Random(1));
  return { outbox, sent, steps, line };
};

describe('an attempt to send', () => {
  it('ends with the answer, even a refusal, and nothing is sent again by itself', async () => {
    vi.useFakeTimers();
    const { outbox, sent, steps } = scene();
    const post = outbox.compose('red');
    const attempt = outbox.attempt(post, 30_000);
    sent[0]!.answer(REFUSAL);
    expect(await attempt).toBe(REFUSAL);
    await vi.advanceTimersByTimeAsync(60_000);
    outbox.again();
    expect(sent).toHaveLength(1);
    expect(steps.map(({ type }) => type)).toEqual(['posting', 'put-off']);
    vi.useRealTimers();
  });

  it('ends without an answer when its time is over, with or without a connection', async () => {
    vi.useFakeTimers();
    const { outbox, sent, line } = scene();
    line.isUp = false;
    const attempt = outbox.attempt(outbox.compose('red'), 30_000);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await attempt).toBeUndefined();
    line.isUp = true;
    outbox.again();
    expect(sent).toHaveLength(0);
    vi.useRealTimers();
  });

  it('is sent again on a new connection, and accepts an answer to an earlier sending', async () => {
    const { outbox, sent } = scene();
    const post = outbox.compose('red');
    const attempt = outbox.attempt(post, 30_000);
    outbox.again();
    expect(sent.map((one) => one.post)).toEqual([post, post]);
    sent[0]!.answer(okFor(post));
    expect(await attempt).toEqual(okFor(post));
  });
});

it('posts that another process left behind go out on the next connection', () => {
  const { outbox, sent } = scene();
  const post = { id: 'id-1', channel: 'red', body: 'left behind' };
  outbox.inherit([post]);
  expect(sent).toHaveLength(0);
  outbox.again();
  expect(sent.map((one) => one.post)).toEqual([post]);
});
