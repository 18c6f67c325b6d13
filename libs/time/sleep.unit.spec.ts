import { expect, it } from 'vitest';
import { SimulatedClock } from '#test/simulation/simulated-clock.js';
import { sleep } from './sleep.js';

it('sleeps for as long as it is told', async () => {
  const clock = new SimulatedClock(0);
  const slept = sleep(100, undefined, clock);
  clock.step(Infinity);
  await slept;
  expect(clock.now()).toBe(100);
});

it('wakes when its signal aborts, and leaves no timer behind', async () => {
  const clock = new SimulatedClock(0);
  const ending = new AbortController();
  const slept = sleep(100, ending.signal, clock);
  ending.abort();
  await slept;
  await sleep(100, ending.signal, clock);
  expect(clock.step(Infinity)).toBe(false);
});
