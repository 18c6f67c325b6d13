import { expect, it } from 'vitest';
import { callOf } from './append-channels.js';

it('Appends to one stream go over one call, and those to many streams over all calls', () => {
  const streams = Array.from({ length: 200 }, (_, index) => `messages-channel-${index}`);
  const calls = streams.map(callOf);
  expect(streams.map(callOf)).toEqual(calls);
  expect(new Set(calls)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  const most = Math.max(...[...new Set(calls)].map((call) => calls.filter((one) => one === call).length));
  expect(most).toBeLessThan(50);
});
