import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { usePostgres } from '#test/support/postgres.js';
import { propertyRuns } from '#test/support/properties/property-runs.js';
import { copyLine } from './copy-text.js';
import type { CopyValue } from './copy-text.js';
import { storableText } from './exact-text.js';
import { ReadModelDatabase } from './read-model-database.js';

const postgres = usePostgres();
let database: ReadModelDatabase;

beforeAll(async () => {
  database = new ReadModelDatabase({ url: await postgres.createDatabase(), applicationName: 'spec' });
});
afterAll(() => database?.close());

type Row = readonly [CopyValue, CopyValue, CopyValue];

const copied = (rows: readonly Row[]): Promise<unknown[]> =>
  database.transaction(async (tx) => {
    await tx.run('CREATE TEMPORARY TABLE copied (n int, one text, other text) ON COMMIT DROP');
    await tx.copy('copied', ['n', 'one', 'other'], Buffer.from(rows.map(copyLine).join('')));
    return tx.rows('SELECT * FROM copied ORDER BY n');
  });

const text = fc.oneof(
  fc.string({ unit: 'binary' }).map(storableText),
  fc
    .array(fc.constantFrom('\\', '\t', '\n', '\r', '\\N', '\\.', 'n', '', ' '))
    .map((parts) => parts.join('')),
);

it('copies any text and missing values, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, fc.option(text))), async (texts) => {
      const rows = texts.map(([one, other], n): Row => [n, one, other]);
      expect(await copied(rows)).toEqual(rows.map(([n, one, other]) => ({ n, one, other })));
    }),
    { numRuns: propertyRuns(50) },
  );
});

it('takes back all of it when PostgreSQL refuses a row, and the connection can be used again', async () => {
  await expect(
    copied([['many', 'a', 'b'], ...Array.from({ length: 50_000 }, (): Row => [1, 'a', 'b'])]),
  ).rejects.toThrow('invalid input syntax for type integer');
  expect(await copied([[1, 'a', null]])).toEqual([{ n: 1, one: 'a', other: null }]);
});
