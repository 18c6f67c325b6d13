import { setTimeout as delay } from 'node:timers/promises';
import type { Scenarios } from '../recorder.js';

/** Reads of streams, and subscriptions to them. */
export const ON_STREAMS: Scenarios = {
  'a read of a stream that is not there': (r) => r.read({ stream: r.stream('a') }),
  'a read of a stream': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.read({ stream: r.stream('a') });
    await r.read({ stream: r.stream('a'), from: 1 });
    await r.read({ stream: r.stream('a'), from: 9 });
    await r.read({ stream: r.stream('a'), from: 'end', backwards: true, count: 1 });
    await r.read({ stream: r.stream('a'), from: 9, backwards: true, count: 1 });
    await r.read({ stream: r.stream('a'), compatibility: 0 });
  },
  'a read of a stream of which retention hides the beginning': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2', 'A3']);
    await r.meta(r.stream('a'), { $maxCount: 2 });
    await r.read({ stream: r.stream('a') });
    await r.read({ stream: r.stream('a'), from: 'end', backwards: true, count: 1 });
    await r.meta(r.stream('a'), { $tb: 4 });
    await r.read({ stream: r.stream('a') });
    await r.read({ stream: r.stream('a'), from: 'end', backwards: true, count: 1 });
    r.say(await r.append(r.stream('a'), { labels: ['A4'], expected: 3 }));
    await r.read({ stream: r.stream('a') });
  },
  'a read of a stream all of whose events are too old': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1']);
    await r.meta(r.stream('a'), { $maxAge: 1 });
    await delay(2_100);
    await r.read({ stream: r.stream('a') });
    await r.read({ stream: r.stream('a'), from: 'end', backwards: true, count: 1 });
    await r.read({ from: r.at('A0'), count: 2 });
    r.say(await r.append(r.stream('a'), { labels: ['A2'], expected: 1 }));
  },
  'a subscription to a stream before there is one': async (r) =>
    r.read({ stream: r.stream('a'), follow: true }, [() => r.each(r.stream('a'), ['A0'])]),
  'a subscription to a stream': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1']);
    await r.read({ stream: r.stream('a'), follow: true, from: 0 }, [
      () => r.each(r.stream('a'), ['A2']),
      () => r.remove(r.stream('a'), 'tombstone'),
    ]);
  },
  'a subscription to a stream whose tail retention hides': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1', 'A2']);
    await r.meta(r.stream('a'), { $tb: 3 });
    await r.read({ stream: r.stream('a'), follow: true }, [() => r.each(r.stream('a'), ['A3'])]);
  },
};
