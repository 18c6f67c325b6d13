import { describe, expect, it } from 'vitest';
import { idsOf, runHardening } from './run-hardening.js';

describe('a run with planted faults', () => {
  it('on the way to the bots misses the target for each fault, and fails', async () => {
    const planted = 'drop,repeat,error,slow-ack,disconnect';
    const run = await runHardening(['--minutes', '0.2', '--only', 'load', '--plant', planted], 180_000);
    expect(idsOf(run, 'missed')).toEqual(
      expect.arrayContaining([
        'load.errors',
        'load.lost',
        'load.gaps',
        'load.repeats',
        'load.disconnects',
        'load.acknowledgement',
      ]),
    );
    expect(run.report.planted).toEqual(planted.split(','));
    expect([run.report.passed, run.code]).toEqual([false, 1]);
    for (const page of [run.html, run.markdown, run.output]) expect(page).toContain('Connections dropped');
  });

  it('in the server’s processes misses the targets for memory and the event loop, and fails', async () => {
    const run = await runHardening(['--minutes', '0.3', '--only', 'soak', '--plant', 'leak,pause'], 180_000);
    expect(idsOf(run, 'missed')).toEqual(
      expect.arrayContaining(['soak.slope', 'soak.memory-back', 'soak.pause']),
    );
    expect([run.report.passed, run.code]).toEqual([false, 1]);
  });
});
