import { beforeAll, describe, expect, it } from 'vitest';
import { PHASES } from '#tools/hardening/report/hardening-report.js';
import { idsOf, rowsOf, runHardening, type HardeningRun } from './run-hardening.js';

/** Rows that depend on how fast this machine is, and on what else it does. They are measured, but decide no test. */
const OF_TIME_AND_MEMORY =
  /^(load|soak)\.(sent|memory|acknowledgement|pause)$|^capacity\.(rate|connections|lost)$|^faults\..*(noticed|within|recovery|back|reconnected)/;

describe('a run of everything, half a minute each', () => {
  let run: HardeningRun;

  beforeAll(async () => {
    run = await runHardening(['--minutes', '0.5'], 580_000);
    process.stdout.write(run.output);
  }, 600_000);

  it('carries out every phase', () => {
    expect(run.report.phases.map(({ name }) => name)).toEqual(PHASES);
    for (const { name, rows } of run.report.phases)
      expect(rows.map(({ id }) => id)).not.toContain(`${name}.carried-out`);
  });

  it('misses only targets of time and memory', () => {
    expect(idsOf(run, 'missed').filter((id) => !OF_TIME_AND_MEMORY.test(id))).toEqual([]);
  });

  it('sees everything that one machine can show', () => {
    expect(idsOf(run, 'not run')).toEqual([]);
    const ids = rowsOf(run).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not judge rows that need longer than half a minute', () => {
    expect(idsOf(run, 'not judged').toSorted()).toEqual([
      'load.memory-back',
      'soak.drift',
      'soak.memory-back',
      'soak.slope',
    ]);
  });

  it('says by its exit code whether a target was missed', () => {
    expect(run.code).toBe(idsOf(run, 'missed').length > 0 ? 1 : 0);
    expect(run.report.passed).toBe(run.code === 0);
  });

  it('writes pages that hold every row and load nothing from elsewhere', () => {
    for (const { what } of rowsOf(run)) expect(run.markdown.length).toBeGreaterThan(what.length);
    expect(run.html).not.toMatch(/<(script|link|img|iframe)[^>]*(src|href)=/i);
    expect(run.html.match(/<svg/g)!.length).toBeGreaterThanOrEqual(10);
  });
});
