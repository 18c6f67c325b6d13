import { expect, it } from 'vitest';
import { StallWatch } from './stalled.js';

it('finds clients that read nothing for the whole allowed time, and no client that reads a little', () => {
  let now = 0;
  const watch = new StallWatch<{ name: string }>(30_000, () => now);
  const [idle, slow, stuck, ended] = ['idle', 'slow', 'stuck', 'ended'].map((name) => ({ name }));
  const look = (peers: { name: string }[]): string[] =>
    watch
      .look(peers, ({ name }) => ({
        waiting: name !== 'idle',
        taken: name === 'slow' ? String(now) : 'none',
      }))
      .map(({ name }) => name);
  for (; now < 30_000; now += 5_000) expect(look([idle!, slow!, stuck!, ended!])).toEqual([]);
  expect(look([idle!, slow!, stuck!])).toEqual(['stuck']);
});
