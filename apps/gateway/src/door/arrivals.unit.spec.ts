import { afterEach, expect, it, vi } from 'vitest';
import { Arrivals } from './arrivals.js';

afterEach(() => {
  vi.useRealTimers();
});

it('limits the consumers of a bot, in whatever order they come back', async () => {
  const arrivals = new Arrivals({ consumers: 2 });
  for (const consumer of ['one', 'two', 'one', 'two']) await arrivals.admit('alice', consumer);
  await expect(arrivals.admit('alice', 'three')).rejects.toMatchObject({ code: 'forbidden' });
  await arrivals.admit('bob', 'three');
});

it('makes only a bot that connects again and again wait', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const arrivals = new Arrivals({ consumers: 1 });
  const come = (bot: string): Promise<string> =>
    Promise.race([
      arrivals.admit(bot, 'default').then(() => 'in'),
      new Promise<string>((resolve) => setImmediate(resolve, 'waits')),
    ]);
  for (let times = 0; times < 128; times += 1) expect(await come('flapper')).toBe('in');
  expect(await come('flapper')).toBe('waits');
  expect(await come('other')).toBe('in');
  vi.advanceTimersByTime(2_000);
  expect(await come('flapper')).toBe('in');
});
