import { describe, expect, it } from 'vitest';
import { plantFaults } from '#test/support/plant-faults.js';
import { askTogether } from './ask-together.js';
import type { ReadModelDatabase } from './read-model-database.js';

const database = {} as ReadModelDatabase;

describe('calls of the same moment', () => {
  it('become one question, answered to each', async () => {
    const asked: (readonly number[])[] = [];
    const double = askTogether(async (_: ReadModelDatabase, calls: readonly number[]) => {
      asked.push(calls);
      return calls.map((call) => call * 2);
    });
    expect(await Promise.all([1, 2, 3].map((call) => double(database, call)))).toEqual([2, 4, 6]);
    expect(await double(database, 4)).toBe(8);
    expect(asked).toEqual([[1, 2, 3], [4]]);
  });

  it('fail alone where the answer to one is an error, and together where there is no answer', async () => {
    const none = askTogether(async (_: ReadModelDatabase, calls: readonly number[]) => {
      if (calls.includes(0)) throw new Error('away');
      return calls.map((call) => (call < 0 ? Promise.reject(new Error('negative')) : call));
    });
    const settled = await Promise.allSettled([none(database, 1), none(database, -1)]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const failed = await Promise.allSettled([none(database, 1), none(database, 0)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('are not left waiting by a fault before the question', async () => {
    const same = askTogether(async (_: ReadModelDatabase, calls: readonly number[]) => calls);
    plantFaults((where) => {
      if (where === 'projections.ask-together') throw new Error('planted');
    });
    const first = same(database, 1);
    await expect(first).rejects.toThrow('planted');
    plantFaults(undefined);
    expect(await same(database, 2)).toBe(2);
  });
});
