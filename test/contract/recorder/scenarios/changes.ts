import { randomUUID } from 'node:crypto';
import type { Expected } from '../changes.js';
import type { Scenarios } from '../recorder.js';

/** Appends, and deletes of both kinds. */
export const CHANGES: Scenarios = {
  'a stream deleted, read, written again': async (r) => {
    await r.each(r.stream('a'), ['A0', 'A1']);
    r.say(await r.remove(r.stream('a'), 'delete'));
    await r.read({ stream: r.stream('a') });
    await r.read({ stream: r.stream('a'), from: 'end', backwards: true, count: 1 });
    r.say(await r.append(r.stream('a'), { labels: ['A2'], expected: 'no_stream' }));
    await r.read({ stream: r.stream('a') });
  },
  'a stream tombstoned, read, written': async (r) => {
    await r.each(r.stream('a'), ['A0']);
    r.say(await r.remove(r.stream('a'), 'tombstone'));
    await r.read({ stream: r.stream('a') });
    r.say(await r.append(r.stream('a'), { labels: ['A1'] }));
    r.say(await r.remove(r.stream('a'), 'delete'));
  },
  'delete and tombstone of what is not there, and with a wrong expectation': async (r) => {
    r.say(await r.remove(r.stream('a'), 'delete'));
    r.say(await r.remove(r.stream('b'), 'delete', 'stream_exists'));
    await r.each(r.stream('c'), ['C0', 'C1']);
    r.say(await r.remove(r.stream('c'), 'delete', 0));
    r.say(await r.remove(r.stream('c'), 'tombstone', 0));
    r.say(await r.remove(r.stream('d'), 'tombstone'));
  },
  'appends that meet their expectation, and that do not': async (r) => {
    const tried: [string, Expected][] = [
      ['a', 'no_stream'],
      ['a', 'no_stream'],
      ['a', 0],
      ['a', 0],
      ['a', 5],
      ['a', 'stream_exists'],
      ['b', 'stream_exists'],
      ['b', 3],
      ['b', 'any'],
    ];
    for (const [stream, expected] of tried)
      r.say(
        await r.append(r.stream(stream), { labels: [`${stream}${r.s.lines.length}`], expected }),
        `${stream} ${expected}`,
      );
  },
  'the same events again': async (r) => {
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    const say = async (text: string, list: readonly number[], expected: Expected): Promise<void> => {
      const labels = list.map((i) => `R${i}`);
      r.say(await r.append(r.stream('a'), { labels, expected, ids: list.map((i) => ids[i]!) }), text);
    };
    await say('first', [0, 1], 'no_stream');
    await say('again', [0, 1], 'no_stream');
    await say('again, any', [0, 1], 'any');
    await say('the second, any', [1], 'any');
    await say('with more, any', [0, 1, 2], 'any');
    await say('after a new one', [2], 1);
    await say('again after a new one', [0, 1], 'no_stream');
    await say('at the revision it was written at', [2], 1);
    await say('at another', [2], 0);
  },
  'appends of nothing, of a name that is no name, and of much': async (r) => {
    r.say(await r.append(r.stream('a'), { labels: [] }), 'nothing');
    r.say(await r.append('', { labels: ['E'] }), 'empty name');
    const room = 1_048_576;
    r.say(
      await r.append(r.stream('b'), { labels: ['L'], expected: 'any', data: `"${'x'.repeat(room - 2)}"` }),
      'data of the limit',
    );
    r.say(
      await r.append(r.stream('b'), { labels: ['L'], expected: 'any', data: `"${'x'.repeat(room)}"` }),
      'data over the limit',
    );
  },
};
