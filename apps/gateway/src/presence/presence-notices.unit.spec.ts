import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { neverSeen } from '#libs/domain/presence/presence.js';
import type { BotPresence } from '#libs/domain/presence/presence.js';
import { SYSTEM_CLOCK } from '#libs/time/clock.js';
import type { Clock } from '#libs/time/clock.js';
import { PresenceNotices } from './presence-notices.js';

const online: BotPresence = {
  connections: [{ connection: 'c', consumer: 'default', gateway: 'g', revision: 0 }],
  revision: 0,
  since: 'then',
};
const offline: BotPresence = { connections: [], revision: 1, since: 'now', reason: 'left' };
const came = (bot: string) => ({ bot, before: neverSeen, after: online });
const went = (bot: string) => ({ bot, before: online, after: offline });

const setUp = (membersPerChannel: number, clock?: Clock) => {
  const said: string[] = [];
  const notices = new PresenceNotices(
    {
      liveIn: () => membersPerChannel,
      announcePresence: ({ bot, channel, state }) => void said.push(`${bot} ${state} in ${channel}`),
    },
    { channelsOf: () => ['ops'] },
    { connectionsOf: () => [] },
    clock,
  );
  return { notices, said };
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('presence notices', () => {
  it('are sent at once while there are few', () => {
    const { notices, said } = setUp(10);
    notices.noteChange(came('alice'));
    expect(said).toEqual(['alice online in ops']);
    notices.noteChange(went('alice'));
    vi.advanceTimersByTime(50);
    expect(said).toEqual(['alice online in ops', 'alice offline in ops']);
  });

  it('are spread out when thousands come at once, and nobody is left out', () => {
    const { notices, said } = setUp(100);
    for (let i = 0; i < 1_000; i += 1) notices.noteChange(came(`bot-${i}`));
    vi.advanceTimersByTime(1_000);
    // 2,000 deliveries at once and 20,000 a second, to 100 members each.
    expect(said.length).toBeGreaterThan(200);
    expect(said.length).toBeLessThanOrEqual(230);
    vi.advanceTimersByTime(5_000);
    expect(said.length).toBe(1_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('give way to everything else in a busy process, but never stop', () => {
    // Every timer fires a tenth of a second late, as it does when other work holds the event loop.
    const late: Clock = { ...SYSTEM_CLOCK, after: (ms, call) => SYSTEM_CLOCK.after(ms + 100, call) };
    const { notices, said } = setUp(100, late);
    for (let i = 0; i < 1_000; i += 1) notices.noteChange(came(`bot-${i}`));
    vi.advanceTimersByTime(10_000);
    // 2,000 deliveries at once and 2,000 a second.
    expect(said.length).toBeGreaterThan(200);
    expect(said.length).toBeLessThanOrEqual(221);
  });

  it('leave out a bot that has come back before its turn', () => {
    const { notices, said } = setUp(5_000);
    notices.noteChange(came('first'));
    notices.noteChange(went('alice'));
    notices.noteChange(came('alice'));
    notices.noteChange(came('bob'));
    vi.advanceTimersByTime(10_000);
    expect(said).toEqual(['first online in ops', 'bob online in ops']);
  });

  it('end with the gateway', () => {
    const { notices, said } = setUp(5_000);
    notices.noteChange(came('first'));
    notices.noteChange(came('second'));
    notices.stopNotices();
    notices.noteChange(came('third'));
    vi.advanceTimersByTime(10_000);
    expect(said).toEqual(['first online in ops']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
