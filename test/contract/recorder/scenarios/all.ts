import type { Scenarios } from '../recorder.js';

/** Reads of `$all` and subscriptions to it. */
export const ON_ALL: Scenarios = {
  'a filtered subscription from the last position': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1']);
    await r.read({ follow: true, from: r.at('A1'), prefixes: [r.prefix('a')] }, [
      () => r.each(r.stream('a'), ['A2']),
    ]);
  },
  'a subscription to $all without filter after a position': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ follow: true, from: r.at('A0') }, [() => r.each(r.stream('a'), ['A3'])]);
  },
  'a subscription to $all from a position at which no event begins': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1']);
    await r.read({ follow: true, from: r.at('A0') + 1n });
  },
  'a subscription to $all from a position beyond the log': async (r) => {
    await r.each(r.stream('a'), ['A0']);
    await r.read({ follow: true, from: r.at('A0') + 100_000_000n }, [() => r.each(r.stream('a'), ['A1'])]);
  },
  'a filtered subscription from a position beyond the log': async (r) => {
    await r.each(r.stream('a'), ['A0']);
    await r.read({ follow: true, from: r.at('A0') + 100_000_000n, prefixes: [r.prefix('a')] }, [
      () => r.each(r.stream('a'), ['A1']),
    ]);
  },
  'a read of $all after a position': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ from: r.at('A1'), count: 2 });
  },
  'a filtered read of $all': async (r) => {
    await r.each(r.stream('b'), ['B0']);
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ from: r.at('B0'), count: 2, prefixes: [r.prefix('a')] });
  },
  'a filtered read of $all that finds nothing': async (r) => {
    await r.each(r.stream('b'), ['B0']);
    await r.read({ from: r.at('B0'), count: 2, prefixes: [r.prefix('a')] });
  },
  'a read of $all backwards from the end': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ from: 'end', backwards: true, count: 2 });
  },
  'a read of $all backwards from a position': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ from: r.at('A2'), backwards: true, count: 2 });
  },
};
