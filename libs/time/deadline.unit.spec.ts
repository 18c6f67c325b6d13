import { describe, expect, it } from 'vitest';
import { SimulatedClock } from '#test/simulation/simulated-clock.js';
import { endsWithin, withDeadline } from './deadline.js';

const never = new Promise<never>(() => undefined);
const late = (): Error => new Error('too late');
const broken = (): Promise<never> => Promise.reject(new Error('broken'));

describe('a deadline', () => {
  it('gives the result of work that ends in time, and leaves no timer behind', async () => {
    const clock = new SimulatedClock(0);
    expect(await withDeadline(100, Promise.resolve('done'), late, clock)).toBe('done');
    expect(await endsWithin(100, Promise.resolve('done'), clock)).toBe(true);
    expect(clock.step(Infinity)).toBe(false);
  });

  it('gives the failure of work that fails in time, and leaves no timer behind', async () => {
    const clock = new SimulatedClock(0);
    await expect(withDeadline(100, broken(), late, clock)).rejects.toThrow('broken');
    await expect(endsWithin(100, broken(), clock)).rejects.toThrow('broken');
    expect(clock.step(Infinity)).toBe(false);
  });

  it('passes at its time', async () => {
    const clock = new SimulatedClock(0);
    const thrown = withDeadline(100, never, late, clock);
    const inTime = endsWithin(200, never, clock);
    clock.step(100);
    await expect(thrown).rejects.toThrow('too late');
    clock.step(200);
    expect(await inTime).toBe(false);
    expect(clock.now()).toBe(200);
  });

  it('ignores a failure that comes after it', async () => {
    const clock = new SimulatedClock(0);
    let fail!: (error: Error) => void;
    const work = new Promise<void>((_, reject) => (fail = reject));
    const thrown = withDeadline(100, work, late, clock);
    const inTime = endsWithin(100, work, clock);
    while (clock.step(100));
    await expect(thrown).rejects.toThrow('too late');
    expect(await inTime).toBe(false);
    fail(new Error('nobody waits for it any more'));
    await new Promise(setImmediate);
  });
});
