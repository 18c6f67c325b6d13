import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratchDatabase } from '#test/support/read-models.js';
import type { ScratchDatabase } from '#test/support/read-models.js';
import { usePostgres } from '#test/support/postgres.js';
import { ReadModelDatabase } from './read-model-database.js';

const postgres = usePostgres();
let scratch: ScratchDatabase;
let reader: ReadModelDatabase;

beforeAll(async () => {
  scratch = await scratchDatabase(postgres);
  reader = new ReadModelDatabase({ url: scratch.url, applicationName: 'spec-reader', readOnly: true });
});
afterAll(async () => {
  await reader?.close();
  await scratch?.close();
});

describe('questions', () => {
  it('run under a role that may read every read model and write none', async () => {
    expect(await reader.rows('SELECT current_user AS me')).toEqual([{ me: 'verbatim_reader' }]);
    for (const view of [
      'messages',
      'channels',
      'memberships',
      'membership_changes',
      'bots',
      'bot_keys',
      'bot_changes',
      'presence',
      'activity',
      'projection_builds',
    ]) {
      await reader.rows(`SELECT * FROM ${view}`);
      await expect(reader.rows(`DELETE FROM ${view}`)).rejects.toThrow(
        /read-only transaction|permission denied/,
      );
    }
  });

  it('could not write even if their transaction could', async () => {
    await expect(
      reader.transaction(async (tx) => {
        await tx.run('SET TRANSACTION READ WRITE');
        await tx.run('DELETE FROM projection_builds');
      }),
    ).rejects.toThrow(/permission denied/);
  });
});
