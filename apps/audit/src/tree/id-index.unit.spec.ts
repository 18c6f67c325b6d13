import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdIndex } from './id-index.js';
import { IdTable } from './id-table.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'verbatim-test-ids-'))));
afterEach(() => rm(folder, { recursive: true }));

const idOf = (number: number): Buffer => hash('md5', `id ${number}`, 'buffer');

/** So that a table is full after a few leaves. */
const TABLE_LEAVES = 300;

const openIndex = (size: number): Promise<IdIndex> => IdIndex.openIndex(folder, size, TABLE_LEAVES);

const filled = async (count: number): Promise<IdIndex> => {
  const index = await openIndex(0);
  for (let leaf = 0; leaf < count; leaf += 1)
    index.addIds(idOf(leaf), leaf % 10 === 3 ? idOf(leaf - 3) : undefined);
  return index;
};

const expectRight = async (index: IdIndex, count: number): Promise<void> => {
  for (const leaf of [0, 1, 10, Math.floor(count / 2), count - 1])
    expect(await index.findLeaf(idOf(leaf))).toBe(leaf);
  expect(await index.findLeaf(idOf(count))).toBeUndefined();
  expect([await index.isRedacted(idOf(0)), await index.isRedacted(idOf(10))]).toEqual([true, true]);
  expect(await index.isRedacted(idOf(1))).toBe(false);
};

describe('the index of ids', () => {
  it('finds the leaf of an id, and what was redacted, before and after it is opened again', async () => {
    const index = await filled(1_000);
    await expectRight(index, 1_000);
    await index.flush();
    await index.close();
    const again = await openIndex(1_000);
    await expectRight(again, 1_000);
    again.addIds(idOf(5));
    expect(await again.findLeaf(idOf(5))).toBe(1_000);
    await again.close();
    const shorter = await openIndex(500);
    expect(await shorter.findLeaf(idOf(600))).toBeUndefined();
    await expectRight(shorter, 500);
    await shorter.close();
  });

  it('holds less than the tree only when it was cut off', async () => {
    const index = await filled(100);
    await index.flush();
    await index.close();
    await expect(openIndex(101)).rejects.toThrow(RangeError);
  });

  it('makes tables that are damaged, cut off or missing again, when they are needed', async () => {
    const count = TABLE_LEAVES + 200;
    const index = await filled(count);
    await expectRight(index, count);
    await index.flush();
    await expectRight(index, count);
    const file = join(folder, 'ids-0');
    const whole = await readFile(file);
    const damaged = Buffer.alloc(whole.length);
    for (const bytes of [damaged, whole.subarray(0, 1_000), undefined]) {
      if (bytes) await writeFile(file, bytes);
      else await rm(file);
      await expectRight(index, count);
      expect(whole.equals(await readFile(file))).toBe(true);
    }
    await index.close();
  });
});

describe('a table of ids', () => {
  it('goes on in the next page when one is full', async () => {
    const table = new IdTable();
    const key = idOf(1);
    for (let leaf = 0; leaf < 200; leaf += 1) table.addKey(key, leaf);
    expect(await table.findKey(key)).toEqual(Array.from({ length: 200 }, (_, leaf) => leaf));
    expect(await table.findKey(idOf(2))).toEqual([]);
  });
});
