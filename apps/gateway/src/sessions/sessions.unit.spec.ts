import { expect, it } from 'vitest';
import type { Session } from './session.js';
import { Sessions } from './sessions.js';

const session = (bot: string, consumer: string): Session => ({ bot, consumer }) as Session;

it('returns only the older connection of the same consumer', () => {
  const sessions = new Sessions();
  const [one, other, newer] = [session('ann', 'a'), session('ann', 'b'), session('ann', 'a')];
  expect(sessions.addSession(one)).toBeUndefined();
  expect(sessions.addSession(other)).toBeUndefined();
  expect(sessions.addSession(session('bob', 'a'))).toBeUndefined();
  expect(sessions.addSession(newer)).toBe(one);
  expect(sessions.sessionsOf('ann')).toEqual([other, newer]);
  expect(sessions.allSessions()).toHaveLength(3);
});

it('does not lose the newer connection when the older one ends', () => {
  const sessions = new Sessions();
  const [one, newer] = [session('ann', 'a'), session('ann', 'a')];
  sessions.addSession(one);
  sessions.addSession(newer);
  sessions.remove(one);
  expect(sessions.sessionsOf('ann')).toEqual([newer]);
  sessions.remove(newer);
  expect(sessions.sessionsOf('ann')).toEqual([]);
  expect(sessions.allSessions()).toEqual([]);
});

it('can be iterated while connections come and go', () => {
  const sessions = new Sessions();
  sessions.addSession(session('ann', 'a'));
  sessions.addSession(session('ann', 'b'));
  const seen: Session[] = [];
  for (const one of sessions.sessionsOf('ann')) {
    sessions.remove(one);
    seen.push(one);
  }
  expect(seen).toHaveLength(2);
});
