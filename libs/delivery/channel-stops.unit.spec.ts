import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelStops } from './channel-stops.js';

const decided = new Set<string>();
const setAside = { has: (stream: string, seq: number) => decided.has(`${stream}@${seq}`) };

describe('where a channel stops', () => {
  it('is before the first event that nobody has set aside, in whatever order they are found and decided about', () => {
    const seqs = fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(seqs, fc.array(fc.nat(40)), (found, settled) => {
        decided.clear();
        const stops = new ChannelStops(setAside);
        for (const seq of [...found, ...found]) stops.addStop('ops', seq);
        for (const seq of settled) decided.add(`messages-ops@${seq}`);
        const left = found.filter((seq) => !settled.includes(seq));
        expect(stops.stopOf('ops')).toBe(left.length === 0 ? undefined : Math.min(...left));
        expect(stops.stopOf('other')).toBeUndefined();
      }),
    );
  });

  it('is known however many come behind it, in either order, and costs little', () => {
    decided.clear();
    const stops = new ChannelStops(setAside);
    for (let seq = 5_000; seq > 3_000; seq -= 1) stops.addStop('ops', seq);
    for (let seq = 5_001; seq < 400_000; seq += 1) stops.addStop('ops', seq);
    stops.addStop('ops', 7);
    expect(stops.stopOf('ops')).toBe(7);
  });
});
