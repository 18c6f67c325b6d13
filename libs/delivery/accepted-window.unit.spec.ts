import fc from 'fast-check';
import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { AcceptedWindow, acceptedKey } from './accepted-window.js';
import type { Accepted } from './accepted-window.js';
import { MAX_CLOCK_LEAD_MS } from './uuid-time.js';

const LIMITS = { minEntries: 4, maxEntries: 16, minAgeMs: 60_000 };
const START = Date.parse('2026-01-01T00:00:00Z');
const accepted = (index: number, at: number): Accepted => ({
  channel: 'ops',
  seq: index,
  at,
  position: { commit: BigInt(index * 100), prepare: BigInt(index * 100) },
  ours: true,
});
const madeAt = (at: number): string => uuidv7({ msecs: at });

describe('the window of accepted ids', () => {
  it('covers every id while it reaches back to the start of the log', () => {
    const window = new AcceptedWindow(LIMITS);
    window.addAccepted(acceptedKey('alice', madeAt(START)), accepted(0, START));
    expect(window.covers(uuidv4())).toBe(true);
    expect(window.joinsOnto({ commit: -1n, prepare: -1n })).toBe(true);
  });

  it('treats upper and lower case as the same id', () => {
    const id = uuidv4();
    expect(acceptedKey('alice', id.toUpperCase())).toBe(acceptedKey('alice', id));
  });

  it('does not cover a random id once it has forgotten something', () => {
    const window = new AcceptedWindow(LIMITS);
    window.prefill([], { at: START, position: { commit: 500n, prepare: 500n } });
    expect(window.covers(uuidv4())).toBe(false);
    expect(window.covers(madeAt(START + 60_000))).toBe(true);
    expect(window.joinsOnto({ commit: 499n, prepare: 499n })).toBe(false);
    expect(window.joinsOnto({ commit: 500n, prepare: 500n })).toBe(true);
  });

  it('ignores messages before the newest one it has taken', () => {
    const window = new AcceptedWindow(LIMITS);
    window.addAccepted('alice/b', accepted(2, START));
    window.addAccepted('alice/a', accepted(1, START));
    expect(window.find('alice/a')).toBeUndefined();
  });

  it('keeps the first place when an id is in the log twice', () => {
    const window = new AcceptedWindow(LIMITS);
    window.addAccepted('alice/a', accepted(1, START));
    window.addAccepted('alice/a', accepted(2, START));
    expect(window.find('alice/a')).toMatchObject({ seq: 1 });
  });

  it('is sure only of later ids once messages were missing before one', () => {
    const window = new AcceptedWindow(LIMITS);
    window.prefill([['alice/0', accepted(0, START)]], undefined);
    window.addAccepted(undefined, accepted(1, START));
    expect(window.covers(madeAt(START - 60_000))).toBe(true);
    window.addAccepted('alice/5', accepted(5, START + 60_000));
    expect(window.covers(madeAt(START))).toBe(false);
    expect(window.covers(madeAt(START + 120_000))).toBe(true);
    expect(window.joinsOnto(accepted(4, START).position)).toBe(false);
    expect(window.joinsOnto(accepted(5, START).position)).toBe(true);
    expect(window.find('alice/0')).toMatchObject({ seq: 0 });
  });

  it('notices the missing messages of every channel in a log that was read from its start', () => {
    const window = new AcceptedWindow(LIMITS);
    const other = { ...accepted(7, START + 600_000), channel: 'other' };
    window.prefill(
      [
        ['alice/5', accepted(5, START)],
        ['bob/7', other],
      ],
      undefined,
    );
    expect(window.covers(madeAt(START + 300_000))).toBe(false);
    expect(window.joinsOnto(accepted(5, START).position)).toBe(false);
    expect(window.joinsOnto(other.position)).toBe(true);
  });

  it('does not mistake a channel that began behind its edge for one with missing messages', () => {
    const window = new AcceptedWindow(LIMITS);
    window.prefill([], { at: START, position: { commit: 10n, prepare: 10n } });
    window.addAccepted('alice/5', accepted(5, START + 300_000));
    expect(window.covers(madeAt(START + 60_000))).toBe(true);
  });

  it('remembers at least the youngest ids and never more than two full halves', () => {
    const window = new AcceptedWindow(LIMITS);
    const count = 200;
    for (let i = 0; i < count; i += 1) window.addAccepted(`alice/${i}`, accepted(i, START + i));
    const held = Array.from({ length: count }, (_, i) => window.find(`alice/${i}`) !== undefined);
    expect(held.filter(Boolean).length).toBeLessThanOrEqual(2 * LIMITS.maxEntries);
    expect(held.slice(-LIMITS.minEntries).every(Boolean)).toBe(true);
  });

  it('never claims to cover an accepted id that it has forgotten', () => {
    const gap = fc.integer({ min: -400_000, max: 40_000 }); // negative, because a clock may be set back
    const lead = fc.integer({ min: -200_000, max: MAX_CLOCK_LEAD_MS });
    fc.assert(
      fc.property(fc.array(fc.tuple(gap, lead), { maxLength: 120, size: 'max' }), (messages) => {
        const window = new AcceptedWindow(LIMITS);
        let now = START;
        const ids = messages.map(([wait, ahead], index) => {
          now += wait;
          const id = madeAt(now + ahead);
          window.addAccepted(acceptedKey('alice', id), accepted(index, now));
          return id;
        });
        for (const id of ids) {
          const found = window.find(acceptedKey('alice', id)) !== undefined;
          expect(found || !window.covers(id)).toBe(true);
        }
      }),
    );
  });
});
