import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HardeningReport, Row } from '#tools/hardening/report/hardening-report.js';
import { environmentFor } from '#tools/harness/system/home.js';
import { runVerbatim } from '#tools/harness/system/verbatim.js';

export type HardeningRun = Readonly<{
  code: number | null;
  /** What the command printed. */
  output: string;
  report: HardeningReport;
  html: string;
  markdown: string;
}>;

/**
 * Runs `verbatim hardening` as a user types it, to its end.
 * @throws Error with what it printed, when it left no report
 */
export const runHardening = async (args: readonly string[], withinMs: number): Promise<HardeningRun> => {
  const folder = await mkdtemp(join(tmpdir(), 'verbatim-test-hardening-'));
  const out = join(folder, 'report');
  const running = runVerbatim(
    ['hardening', '--out', out, ...args],
    environmentFor({ dataDir: join(folder, 'data'), port: 1 }),
  );
  try {
    const { code } = await running.exitWithin(withinMs);
    await running.gone();
    const read = (name: string): Promise<string> => readFile(join(out, name), 'utf8');
    const report = JSON.parse(await read('report.json')) as HardeningReport;
    const pages = { html: await read('report.html'), markdown: await read('report.md') };
    return { code, output: running.output(), report, ...pages };
  } catch (error) {
    throw new Error(`${(error as Error).message}; it printed:\n${running.output()}`, { cause: error });
  } finally {
    running.tree.kill();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};

export const rowsOf = ({ report }: HardeningRun): readonly Row[] => report.phases.flatMap(({ rows }) => rows);

export const idsOf = (run: HardeningRun, verdict: Row['verdict']): string[] =>
  rowsOf(run)
    .filter((row) => row.verdict === verdict)
    .map(({ id }) => id);
