import { expect, it } from 'vitest';
import { waitFor } from '#tools/harness/wait-for.js';
import { counting } from '#test/support/counting-projection.js';
import { usePostgres } from '#test/support/postgres.js';
import { LogBuilder, MemoryLog, scratchDatabase } from '#test/support/read-models.js';
import { ProjectionRunner } from './projection-runner.js';
import { openProjectionStores } from './projection-stores.js';

const postgres = usePostgres();

it('A projection that is stopped while it waits for what operators want applies no further batch', async () => {
  const scratch = await scratchDatabase(postgres);
  const other = openProjectionStores(scratch.url, 1);
  const [log, build] = [new MemoryLog(), new LogBuilder()];
  const rows = () => scratch.database.rows<{ body: string }>('SELECT body FROM seen ORDER BY n');
  const waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'projection_controls'::regclass";
  let stopped: Promise<void> | undefined;
  const projection = counting(() => {
    stopped ??= runner.stopProjection();
  });
  const limits = { batchEvents: 10, lingerMs: 0, capacity: 20 };
  const runner = new ProjectionRunner(projection, log, scratch.stores, { heartbeatMs: 20, limits });
  try {
    runner.start();
    await waitFor('the projection', () => runner.status().state === 'live');
    await other.database.transaction(async (tx) => {
      await tx.run('LOCK TABLE projection_controls IN ACCESS EXCLUSIVE MODE', []);
      await waitFor('the check', async () => (await scratch.database.rows(waiting)).length > 0);
      for (let index = 0; index < 30; index += 1) {
        const data = { body: `m${index}` };
        log.append(build.add('messages-general', { type: 'MessagePosted', data }));
      }
      await waitFor('the stop', () => stopped !== undefined);
      // Each read takes about as long as a batch, so that further batches would be seen.
      for (let reads = 0; reads < 50; reads += 1) await rows();
    });
    await stopped;
    expect((await rows()).map(({ body }) => body)).toEqual(Array.from({ length: 10 }, (_, i) => `m${i}`));
  } finally {
    await runner.stopProjection();
    await other.close();
    await scratch.close();
  }
});
