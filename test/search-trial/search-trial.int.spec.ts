import { afterEach, describe, expect, it } from 'vitest';
import { usePostgres } from '../support/postgres.js';
import { scratchDatabase } from '../support/read-models.js';
import type { ScratchDatabase } from '../support/read-models.js';
import { readCorpora } from './corpora.js';
import { searchTrial } from './trial.js';

const postgres = usePostgres();
let scratch: ScratchDatabase | undefined;
afterEach(() => scratch?.close());

describe('public texts of many kinds', () => {
  // `npm run search-trial` runs 10,000 queries.
  it('are found by what people who have seen them would type, and no other texts are', async () => {
    scratch = await scratchDatabase(postgres);
    const { byCorpus, examples } = await searchTrial(scratch, readCorpora(), {
      messages: 3_000,
      questions: 600,
      seed: 1,
    });
    expect(examples).toEqual([]);
    expect(Object.values(byCorpus).every(({ questions, found }) => questions === 100 && found >= 100)).toBe(
      true,
    );
  }, 120_000);
});
