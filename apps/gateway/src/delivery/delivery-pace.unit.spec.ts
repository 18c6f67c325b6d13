import { expect, it } from 'vitest';
import { DeliveryPace } from './delivery-pace.js';

/** Builds a pace where each read takes 10 ms on a clock that the test moves. */
const setUp = () => {
  const time = { ms: 1_000 };
  const timers: number[] = [];
  const clock = {
    now: () => time.ms,
    elapsed: () => time.ms,
    after: (ms: number) => {
      timers.push(ms);
      return () => undefined;
    },
    soon: (call: () => void) => call(),
  };
  const pace = new DeliveryPace({ clock });
  const read = (): void => pace.reads.enqueueTask({}, () => void (time.ms += 10));
  return { pace, time, timers, read };
};

it('reads one backlog after another without a rest while nobody is live', () => {
  const { timers, read } = setUp();
  read();
  read();
  expect(timers).toEqual([]);
});

it('rests three times as long as a read took while live messages flow, but not after they end', () => {
  const { pace, timers, read } = setUp();
  pace.noteBroadcast('general');
  read();
  read();
  expect(timers).toEqual([30]);
  const later = setUp();
  later.pace.noteBroadcast('general');
  later.time.ms += 100;
  later.read();
  later.read();
  expect(later.timers).toEqual([]);
});
