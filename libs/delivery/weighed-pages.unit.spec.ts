import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPageOf, inTwoPages } from './weighed-pages.js';

/** Builds a stream with a number of events, and records the pages that were read. */
const streamOf = (count: number, step: 1 | -1) => {
  const pages: number[] = [];
  const readPage = async function* (from: number | undefined, limit: number) {
    pages.push(limit);
    let revision = from ?? (step === 1 ? 0 : count - 1);
    for (let left = limit; left > 0 && revision >= 0 && revision < count; left -= 1, revision += step)
      yield { revision };
  };
  return { pages, readPage };
};

describe('a stream of which only so much weight is wanted', () => {
  it('gives the same as one read would, in either direction, whatever the first page', async () => {
    const plan = fc.record({
      count: fc.nat(60),
      limit: fc.integer({ min: 1, max: 80 }),
      page: fc.integer({ min: 1, max: 80 }),
      step: fc.constantFrom(1 as const, -1 as const),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ count, limit, page, step }) => {
        const seen: number[] = [];
        const first = Math.min(page, limit);
        for await (const { revision } of inTwoPages(limit, first, step, streamOf(count, step).readPage))
          seen.push(revision);
        const inOrder = [...Array.from({ length: count }).keys()];
        expect(seen).toEqual((step === 1 ? inOrder : inOrder.toReversed()).slice(0, limit));
      }),
    );
  });

  it('reads no second page for a caller that stops within the first', async () => {
    const { pages, readPage } = streamOf(100, -1);
    for await (const { revision } of inTwoPages(100, 28, -1, readPage)) if (revision === 80) break;
    expect(pages).toEqual([28]);
  });

  it('asks first for as many as are likely to weigh that much', () => {
    const limits = { messages: 201, weight: 276_000 };
    expect(firstPageOf(limits, 10_000)).toBe(29);
    expect(firstPageOf(limits, 300)).toBe(201);
    expect(firstPageOf(limits, 1_000_000)).toBe(16);
    expect(firstPageOf(limits)).toBe(201);
    expect(firstPageOf({ messages: 8, weight: Infinity }, 10)).toBe(8);
  });
});
