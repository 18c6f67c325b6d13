import { describe, expect, it } from 'vitest';
import { RetentionRecord } from './retention-record.js';
import type { RetentionRule } from './retention-record.js';

/** Ten messages, one per second, from second 0. */
const messages = Array.from({ length: 10 }, (_, seq) => ({
  channel: 'red',
  seq,
  bot: 'ada',
  id: `id-${seq}`,
  body: '',
  at: seq * 1_000,
}));

const at = (since: number, until = since) => ({ since, until });

/** Counts the messages that can have been gone at these times. */
const goneIn = (record: RetentionRecord, since: number, until = since): number =>
  messages.filter(({ channel, seq }) => record.wasGone({ channel, seq }, at(since, until), messages)).length;

describe('the record of retention', () => {
  it.each<[RetentionRule, number, number]>([
    [{}, 5_000, 0],
    [{ $tb: 3 }, 5_000, 3],
    [{ $tb: 100 }, 9_000, 10],
    [{ $maxCount: 2 }, 5_000, 4],
    [{ $maxCount: 2 }, 9_000, 8],
    [{ $maxAge: 2 }, 5_000, 3],
    [{ $maxAge: 2 }, 60_000, 10],
    [{ $maxAge: 2, $maxCount: 1 }, 5_000, 5],
  ])('of %o says at %i ms that %i are gone', (rule, now, gone) => {
    const record = new RetentionRecord();
    record.set('red', rule, at(1_000));
    expect(goneIn(record, 500)).toBe(0);
    expect(goneIn(record, now)).toBe(gone);
    expect(record.wasGone({ channel: 'blue', seq: 0 }, at(now), [])).toBe(false);
  });

  it('counts messages hidden by an earlier rule only while it was in force, or if they were scavenged', () => {
    const record = new RetentionRecord();
    record.set('red', { $tb: 5 }, at(1_000));
    record.set('red', { $tb: 2 }, at(3_000, 3_500));
    expect([goneIn(record, 500, 2_000), goneIn(record, 3_200), goneIn(record, 4_000)]).toEqual([5, 5, 2]);
    record.scavenged(at(2_000));
    expect([goneIn(record, 500, 600), goneIn(record, 4_000)]).toEqual([0, 5]);
  });
});
