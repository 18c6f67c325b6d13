import type { Scenarios } from '../recorder.js';

/** Returns scenarios for the checkpoints of filtered subscriptions, with this window and multiplier. */
const withPace = (window: number | undefined, multiplier: number): Scenarios => {
  const how = `window ${window ?? 'count'}, multiplier ${multiplier}`;
  return {
    [`a filtered subscription, nothing of it in the log after the position it begins at, ${how}`]: async (
      r,
    ) => {
      await r.each(r.stream('b'), ['B0', 'B1', 'B2', 'B3']);
      await r.read({ follow: true, from: r.at('B1'), prefixes: [r.prefix('a')], window, multiplier }, [
        () => r.each(r.stream('b'), ['B4', 'B5', 'B6']),
        () => r.each(r.stream('a'), ['A0']),
        () => r.each(r.stream('b'), ['B7']),
      ]);
    },
    [`a filtered subscription with events of it and of others, ${how}`]: async (r) => {
      await r.each(r.stream('b'), ['B0']);
      await r.each(r.stream('a'), ['A0', 'A1']);
      await r.each(r.stream('b'), ['B1', 'B2']);
      await r.each(r.stream('a'), ['A2']);
      await r.read({ follow: true, from: r.at('B0'), prefixes: [r.prefix('a')], window, multiplier }, [
        () => r.each(r.stream('b'), ['B3', 'B4', 'B5', 'B6']),
        () => r.each(r.stream('a'), ['A3']),
      ]);
    },
  };
};

export const FILTERED: Scenarios = Object.assign(
  {},
  ...[undefined, 1, 2, 32, 1_000].flatMap((window) =>
    (window === 1 || window === 2 ? [1] : [1, 3]).map((multiplier) => withPace(window, multiplier)),
  ),
);
