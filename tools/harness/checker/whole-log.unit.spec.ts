import { describe, expect, it } from 'vitest';
import type { Logged } from './history.js';
import { RetentionRecord } from './retention-record.js';
import { checkLeft, wholeLog } from './whole-log.js';

/** Five messages of a channel, one a second, from second 0 on. */
const seen: readonly Logged[] = Array.from({ length: 5 }, (_, seq) => ({
  channel: 'red',
  seq,
  bot: 'ada',
  id: `id-${seq}`,
  body: `message ${seq}`,
  at: seq * 1_000,
}));
const at = (moment: number) => ({ since: moment, until: moment });

/** The first three messages were hidden from second 5 on, and scavenged at this time. */
const retention = (scavengedAt = 5_000): RetentionRecord => {
  const record = new RetentionRecord();
  record.set('red', { $tb: 3 }, at(5_000));
  record.scavenged(at(scavengedAt));
  return record;
};

describe('what is left of a log', () => {
  it('is every message seen, except those scavenged while they were hidden', () => {
    expect(checkLeft(seen, seen, new RetentionRecord())).toEqual([]);
    expect(checkLeft(seen, seen.slice(3), retention())).toEqual([]);
    expect(wholeLog(seen.slice(0, 4), seen.slice(3))).toEqual(seen);
  });

  it.each([
    ['more is gone than was hidden', seen.slice(4), retention()],
    ['it was scavenged before it was hidden', seen.slice(3), retention(4_000)],
    ['nothing was ever hidden', seen.slice(3), new RetentionRecord()],
  ])('is not enough where %s', (_where, left, record) => {
    const rules = checkLeft(seen, left, record).map(({ rule }) => rule);
    expect(new Set(rules)).toEqual(new Set(['gone from the log though nothing had hidden it']));
  });

  it.each(['bot', 'id', 'body'] as const)('is not what was seen when its %s differs', (field) => {
    const left = seen.map((message) => (message.seq === 4 ? { ...message, [field]: 'another' } : message));
    expect(checkLeft(seen, left, new RetentionRecord()).map(({ rule }) => rule)).toEqual([
      'changed in the log',
    ]);
  });
});
