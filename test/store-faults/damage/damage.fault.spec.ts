import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLASSES, KINDS, damaged, placeOf, randomOf, type Kind, type PlaceClass } from './places.js';
import { judge, type Outcome } from './verdict.js';
import { makeWholeLog, type WholeLog } from './whole-log.js';

const setting = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);

/** How many places of each class and kind are damaged. `npm run test:damage` takes 200. */
const PLACES = setting('VERBATIM_DAMAGE_PLACES', 6);
const SEED = setting('VERBATIM_DAMAGE_SEED', Date.now() % 1_000_000);

let work: string;
let whole: WholeLog;
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'verbatim-damage-'));
  whole = await makeWholeLog(join(work, 'whole'));
});
afterAll(() => rmSync(work, { recursive: true }));

const hurt = async (
  wanted: PlaceClass,
  kind: Kind,
  withIndex: boolean,
  seed: number,
): Promise<{ outcome: Outcome; what: string }> => {
  const random = randomOf(seed);
  const { file, offset } = placeOf(whole, wanted, random);
  const folder = join(work, 'hurt');
  mkdirSync(folder);
  for (const [name, bytes] of whole.files) {
    if (!withIndex && name.startsWith('index.mdb')) continue;
    if (wanted === 'index after a crash' && name === 'index.mdb.sum') continue;
    writeFileSync(join(folder, name), name === file ? damaged(bytes, offset, kind, random) : bytes);
  }
  const what = `${kind} at byte ${offset} of ${file}, seed ${seed}`;
  try {
    return { outcome: await judge(folder, whole), what };
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const CASES = CLASSES.flatMap((wanted) =>
  [true, false]
    .filter((withIndex) => withIndex || !wanted.startsWith('index'))
    .map((withIndex) => ({ wanted, withIndex })),
);

it.each(CASES)(
  'damage to $wanted loses nothing silently and overwrites nothing (with index: $withIndex)',
  async ({ wanted, withIndex }) => {
    const counts = new Map<Outcome, number>();
    for (const kind of KINDS)
      for (let i = 0; i < PLACES; i += 1) {
        const { outcome } = await hurt(wanted, kind, withIndex, SEED + i);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
    console.log(
      `${wanted}, index ${withIndex ? 'there' : 'lost'}, seed ${SEED}:`,
      Object.fromEntries(counts),
    );
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(PLACES * KINDS.length);
  },
  3_600_000,
);
