import type { Scenarios } from '../recorder.js';

/** These scenarios run first, while nobody has appended anything. */
export const ON_A_NEW_LOG: Scenarios = {
  'a filtered subscription to a log in which nothing was appended': async (r) =>
    r.read({ follow: true, prefixes: [r.prefix('a')] }, [
      () => r.append(r.stream('b'), { labels: ['B0'] }),
      () => r.append(r.stream('a'), { labels: ['A0'] }),
    ]),
  'the same by event type': async (r) =>
    r.read({ follow: true, types: [`t-${r.s.label('X')}`] }, [
      () => r.append(r.stream('a'), { labels: [r.s.label('X')] }),
    ]),
  'the same from the end': async (r) =>
    r.read({ follow: true, from: 'end', prefixes: [r.prefix('a')] }, [
      () => r.append(r.stream('b'), { labels: ['B0'] }),
      () => r.append(r.stream('a'), { labels: ['A0'] }),
    ]),
};
