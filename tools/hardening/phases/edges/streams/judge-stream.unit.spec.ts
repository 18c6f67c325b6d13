import { describe, expect, it } from 'vitest';
import { judgeAtOnce, judgeBurst } from './judge-stream.js';
import type { AtOnceSeen, BurstSeen, Delivered, PostSeen } from './stream-seen.js';

const START = Date.parse('2026-11-26T19:00:00.000Z');
const at = (seq: number): string => new Date(START + seq).toISOString();

const post = (n: number, more: Partial<PostSeen> = {}): PostSeen => ({
  body: `burst ${n}`,
  sentAt: n,
  answeredAt: n + 50,
  seq: n,
  at: at(n),
  ...more,
});
const delivered = (posts: readonly PostSeen[]): Delivered[] =>
  posts.map(({ seq, body, at: time }) => ({ seq: seq!, body, at: time! }));

const POSTS = Array.from({ length: 100 }, (_, n) => post(n));
const REFUSED: PostSeen = { body: 'burst 7', sentAt: 7, answeredAt: 60, code: 'rate_limited' };
const OTHER = delivered(POSTS).with(7, { seq: 7, body: 'another', at: at(7) });

describe('a burst', () => {
  const good: BurstSeen = { road: 'socket', posts: POSTS, delivered: delivered(POSTS) };

  it('is met when all are accepted, in order, and delivered once', () => {
    expect(judgeBurst(good)).toMatchObject({ verdict: 'met', id: 'edges.burst.socket' });
    expect(judgeBurst({ ...good, road: 'http' })).toMatchObject({ verdict: 'met', id: 'edges.burst.http' });
  });

  it.each<[string, Partial<BurstSeen>]>([
    ['was too small', { posts: POSTS.slice(1), delivered: delivered(POSTS.slice(1)) }],
    ['was sent too slowly', { posts: POSTS.with(99, post(99, { sentAt: 1_000 })) }],
    ['was refused in part', { posts: POSTS.with(7, REFUSED) }],
    ['was not delivered whole', { delivered: delivered(POSTS).toSpliced(7, 1) }],
    ['was delivered changed', { delivered: OTHER }],
    ['was delivered twice in part', { delivered: [...delivered(POSTS), ...delivered(POSTS.slice(99))] }],
    ['was delivered out of order', { delivered: delivered(POSTS.with(7, POSTS[8]!).with(8, POSTS[7]!)) }],
    ['had a time going back', { posts: POSTS.with(7, post(7, { at: at(5) })) }],
    ['had a delivered time going back', { delivered: delivered(POSTS.with(7, post(7, { at: at(5) }))) }],
    ['was stored out of order', { posts: POSTS.with(7, post(7, { seq: 8 })).with(8, post(8, { seq: 7 })) }],
  ])('is missed when it %s', (_what, wrong) => {
    expect(judgeBurst({ ...good, ...wrong }).verdict).toBe('missed');
  });

  it('over HTTP is ordered by time: a post comes after those answered before it was sent', () => {
    const crossing = POSTS.with(7, post(7, { seq: 8, at: at(8), body: 'burst 8' })).with(
      8,
      post(8, { seq: 7, at: at(7), body: 'burst 7' }),
    );
    const seen = { ...good, road: 'http' as const, posts: crossing };
    expect(judgeBurst(seen).verdict).toBe('met');
    const late = crossing.map((one) => ({ ...one, answeredAt: one.sentAt }));
    expect(judgeBurst({ ...seen, posts: late }).why).toContain('not in the order of sending');
  });
});

describe('requests at once', () => {
  const own = POSTS.slice(0, 10);
  const first = post(10, { body: 'the same' });
  const same = [first, ...Array.from({ length: 9 }, () => ({ ...first, duplicate: true }))];
  const good: AtOnceSeen = { road: 'http', own, same, delivered: delivered([...own, first]) };

  it('are met when each is stored once', () => {
    expect(judgeAtOnce(good)).toMatchObject({
      verdict: 'met',
      measured: '10 accepted, 9 duplicates, 11 delivered',
    });
  });

  it.each<[string, Partial<AtOnceSeen>]>([
    ['are too few', { own: own.slice(1), delivered: delivered([...own.slice(1), first]) }],
    ['are refused', { own: own.with(7, REFUSED) }],
    ['share a seq', { own: own.with(7, post(6)) }],
    ['of one id are stored twice', { same: same.with(5, post(11, { body: 'the same', duplicate: true })) }],
    ['of one id are all called new', { same: Array<PostSeen>(10).fill(first) }],
    ['of one id are all called duplicates', { same: Array<PostSeen>(10).fill(same[1]!) }],
    ['are refused for their id', { same: same.with(5, { ...REFUSED, code: 'id_conflict' }) }],
    ['of one id are delivered twice', { delivered: [...good.delivered, ...delivered([first])] }],
    ['are not all delivered', { delivered: good.delivered.slice(1) }],
    ['have a time going back', { own: own.with(7, post(7, { at: at(5) })) }],
  ])('are missed when they %s', (_what, wrong) => {
    expect(judgeAtOnce({ ...good, ...wrong }).verdict).toBe('missed');
  });
});
