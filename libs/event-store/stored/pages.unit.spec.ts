import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogPosition } from '../position.js';
import { logInPages, streamInPages } from './pages.js';

type Page = Readonly<{ from: number | 'start' | 'end'; limit: number }>;

/** Makes a stream with the revisions from `first` to `last`. */
const streamOf = (first: number, last: number) => {
  const pages: Page[] = [];
  const readPage = async function* (from: number | 'start' | 'end', limit: number) {
    pages.push({ from, limit });
    const top = from === 'end' ? last : Math.min(Number(from), last);
    for (let revision = top; revision >= Math.max(first, top - limit + 1); revision -= 1) yield { revision };
  };
  return { pages, readPage };
};

describe('a stream read backwards in pages', () => {
  it('gives every event once, newest first, wherever the stream begins and ends', async () => {
    const revisions = fc.tuple(fc.nat(3_000), fc.nat(3_000)).map((pair) => pair.toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(revisions, async ([first, last]) => {
        const { readPage } = streamOf(first!, last!);
        const seen: number[] = [];
        for await (const { revision } of streamInPages('end', readPage)) seen.push(revision);
        expect(seen).toEqual(Array.from({ length: last! - first! + 1 }, (_value, index) => last! - index));
      }),
      { numRuns: 50 },
    );
  });

  it('reads no page that nobody asks for', async () => {
    const { pages, readPage } = streamOf(0, 3_000);
    for await (const { revision } of streamInPages('end', readPage)) if (revision === 2_900) break;
    expect(pages).toHaveLength(1);
  });
});

/** Makes a log whose positions have gaps, as skipped events leave them. */
const logOf = (count: number) => {
  const pages: Page[] = [];
  const positions = Array.from({ length: count }, (_value, index) => BigInt(index) * 7n + 3n);
  const readPage = async function* (from: LogPosition | 'start' | 'end', limit: number) {
    pages.push({ from: typeof from === 'string' ? from : Number(from.commit), limit });
    const rest = typeof from === 'string' ? positions : positions.filter((commit) => commit >= from.commit);
    const page = rest.slice(0, limit).map((commit) => ({ position: { commit, prepare: commit } }));
    for (let at = 0; at < page.length; at += 256) yield page.slice(at, at + 256);
    yield [];
  };
  return { pages, positions, readPage };
};

describe('a log read in pages', () => {
  it.each([0, 1, 4_095, 4_096, 4_097, 8_191, 9_000])(
    'gives each of %i events once, in order',
    async (count) => {
      const { positions, readPage } = logOf(count);
      const seen: bigint[] = [];
      for await (const batch of logInPages('start', readPage))
        seen.push(...batch.map(({ position }) => position.commit));
      expect(seen).toEqual(positions);
    },
  );

  it('reads no page that nobody asks for', async () => {
    const { pages, readPage } = logOf(9_000);
    for await (const batch of logInPages('start', readPage)) if (batch.length > 0) break;
    expect(pages).toHaveLength(1);
  });
});
