import { expect, it } from 'vitest';
import type { Session } from './session.js';
import { Sessions } from './sessions.js';

const session = (bot: string, consumer: string): Session => ({ bot, consumer }) as Session;

it('returns only the older connection of the same consumer', () => {
  const sessions = new Sessions();
  const [one, other, newer] = [session('ann', 'a'), session('ann', 'b'), session('ann', 'a')];
  expect(sessions.add(one)).toBeUndefined();
  expect(sessions.add(other)).toBeUndefined();
  expect(sessions.add(session('bob', 'a'))).toBeUndefined();
  expect(sessions.add(newer)).toBe(one);
  expect(sessions.of('ann')).toEqual([other, newer]);
  expect(sessions.all()).toHaveLength(3);
});

it('does not lose the newer connection when the older one ends', () => {
  const sessions = new Sessions();
  const [one, newer] = [session('ann', 'a'), session('ann', 'a')];
  sessions.add(one);
  sessions.add(newer);
  sessions.remove(one);
  expect(sessions.of('ann')).toEqual([newer]);
  sessions.remove(newer);
  expect(sessions.of('ann')).toEqual([]);
  expect(sessions.all()).toEqual([]);
});

it('can be iterated while connections come and go', () => {
  const sessions = new Sessions();
  sessions.add(session('ann', 'a'));
  sessions.add(session('ann', 'b'));
  const seen: Session[] = [];
  for (const one of sessions.of('ann')) {
    sessions.remove(one);
    seen.push(one);
  }
  expect(seen).toHaveLength(2);
});
