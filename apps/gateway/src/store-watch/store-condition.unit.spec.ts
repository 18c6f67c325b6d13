import { describe, expect, it } from 'vitest';
import { LOST_MS, noticeOf, storeCondition } from './store-condition.js';
import type { StoreMarks } from './store-condition.js';

const WELL: StoreMarks = { connected: true, lostForMs: 0, trouble: undefined };
const REFUSING = { kind: 'refusing', trouble: 'full' } as const;

describe('the state of the store for bots', () => {
  it.each<[string, Partial<StoreMarks>, string]>([
    ['well', {}, 'well'],
    ['well while only a single call failed', { lostForMs: LOST_MS - 1 }, 'well'],
    ['away when nobody who writes is answered', { lostForMs: LOST_MS }, 'away'],
    ['away when nothing comes from it', { connected: false }, 'away'],
    ['refusing when it says that it can write nothing', { trouble: 'full' }, 'refusing'],
    ['refusing though others were lost', { trouble: 'full', lostForMs: LOST_MS }, 'refusing'],
    ['away, whatever it said before', { connected: false, trouble: 'full' }, 'away'],
  ])('is %s', (_, marks, kind) => {
    expect(storeCondition({ ...WELL, ...marks }).kind).toBe(kind);
  });
});

describe('the notices to bots', () => {
  it('are none at a start without trouble, and none while nothing changes', () => {
    expect(noticeOf(undefined, { kind: 'well' })).toBeUndefined();
    expect(noticeOf('away', { kind: 'away' })).toBeUndefined();
    expect(noticeOf('refusing', REFUSING)).toBeUndefined();
  });

  it('report each change, with a fitting message', () => {
    expect(noticeOf('well', { kind: 'away' })).toEqual({
      code: 'store_unavailable',
      message: 'Connection lost, retrying...',
    });
    expect(noticeOf('well', REFUSING)).toMatchObject({ code: 'store_unavailable' });
    expect(noticeOf('away', REFUSING)?.message).toMatch(/Nothing can be stored/u);
    expect(noticeOf('away', { kind: 'well' })).toEqual({
      code: 'store_restored',
      message: 'Connection to the event store restored',
    });
    expect(noticeOf('refusing', { kind: 'well' })?.message).toMatch(/takes messages again/u);
  });
});
