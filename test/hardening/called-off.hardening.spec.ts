import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HardeningReport } from '#tools/hardening/report/hardening-report.js';
import { signal } from '#tools/harness/processes/process-tree.js';
import type { RunningProcess } from '#tools/harness/processes/running-process.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';
import { waitFor } from '#tools/harness/wait-for.js';

describe('a run that is interrupted', () => {
  let folder: string;
  let running: RunningProcess;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verbatim-test-hardening-'));
    running = runVerbatim(
      ['hardening', '--json', '--only', 'load,soak', '--minutes', '0.2', '--out', folder],
      environmentFor({ dataDir: join(folder, 'data'), port: 1 }),
    );
    await waitFor('bots to post', () => running.output().includes('"messages/s"'), 120_000);
    running.tree.living();
  }, 150_000);

  afterEach(async () => {
    running.tree.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('reports what it has seen so far, starts nothing more, and leaves nothing running', async () => {
    signal(running.pid, 'SIGINT');
    expect(await running.exitWithin(20_000)).toEqual({ code: 1, signal: null });
    await running.gone();
    const { phases, passed } = JSON.parse(
      await readFile(join(folder, 'report.json'), 'utf8'),
    ) as HardeningReport;
    expect(passed).toBe(false);
    expect(phases.flatMap(({ rows }) => rows)).toEqual([
      expect.objectContaining({ id: 'load.carried-out', verdict: 'missed', measured: 'called off' }),
    ]);
  });

  it('twice ends at once, and leaves nothing running', async () => {
    signal(running.pid, 'SIGTERM');
    signal(running.pid, 'SIGINT');
    expect(await running.exitWithin(5_000)).toEqual({ code: 130, signal: null });
    await running.gone();
  });
});
