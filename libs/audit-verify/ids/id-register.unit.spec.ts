import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '#libs/audit-log/merkle/hashing.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { IdRegister } from './id-register.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'verbatim-test-ids-'))));
afterAll(() => rm(folder, { recursive: true }));

const keyOf = (id: number): Buffer => sha256(Buffer.from(String(id)));

/** Adds ids at the positions 0, 1, 2, … and returns what came again. */
const repeatedOf = async (ids: Iterable<number>, most = 1_000) => {
  const register = new IdRegister(folder);
  try {
    let position = 0;
    for (const id of ids) {
      register.addId(keyOf(id), BigInt(position));
      if ((position += 1) % 5_000 === 0) await register.makeRoom();
    }
    return await register.findRepeated(most);
  } finally {
    await register.close();
  }
};

describe('a register of ids', () => {
  it('finds each id that came again, by where it came first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 50 }), { maxLength: 200 }), async (ids) => {
        const firsts = new Map<number, number>();
        const expected = ids.flatMap((id, at) => {
          if (firsts.has(id)) return [{ first: BigInt(firsts.get(id)!), later: BigInt(at) }];
          firsts.set(id, at);
          return [];
        });
        expect(await repeatedOf(ids)).toEqual(expected);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  it('finds the one that came again among very many, and leaves no file', async () => {
    const COUNT = 150_000;
    const ids = function* (): Generator<number> {
      for (let id = 0; id < COUNT; id += 1) yield id;
      yield 70_000;
      yield COUNT;
    };
    expect(await repeatedOf(ids())).toEqual([{ first: 70_000n, later: BigInt(COUNT) }]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('keeps only the first of very many repetitions', async () => {
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    const found = await repeatedOf([...ids, ...ids.toReversed()], 3);
    expect(found.map(({ later }) => later)).toEqual([8n, 9n, 10n]);
  });
});
