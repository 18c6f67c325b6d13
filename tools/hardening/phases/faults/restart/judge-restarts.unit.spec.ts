import { describe, expect, it } from 'vitest';
import { sawOfAnHonestRun } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgeRestarts } from './judge-restarts.js';
import type { RestartSeen, RestartsSeen } from './judge-restarts.js';

const RESTART: RestartSeen = {
  acknowledged: 500,
  goneMs: 60,
  readyMs: 2_000,
  firstPostMs: 2_100,
  allBackMs: 2_300,
};
const GOOD: RestartsSeen = { restarts: [RESTART], saw: sawOfAnHonestRun() };

const restarted = (restart: Partial<RestartSeen>): RestartsSeen => ({
  ...GOOD,
  restarts: [{ ...RESTART, ...restart }, RESTART],
});

describe('a system that was killed and started again', () => {
  it('meets every target when everything was as it should be', () => {
    expect(missedIn(judgeRestarts(GOOD))).toEqual([]);
  });

  it.each<[string, readonly string[], RestartsSeen]>([
    ['the first post late', ['recovery'], restarted({ firstPostMs: 5_000 })],
    ['no post accepted ever', ['recovery'], restarted({ firstPostMs: Infinity })],
    ['bots that do not come back', ['by-itself'], restarted({ allBackMs: Infinity })],
    ['nothing acknowledged before', ['lost'], { ...GOOD, restarts: [{ ...RESTART, acknowledged: 0 }] }],
    [
      'an acknowledged message lost',
      ['lost', 'exact'],
      { ...GOOD, saw: { ...GOOD.saw, log: GOOD.saw.log.slice(1) } },
    ],
    ['never killed', ['recovery', 'lost', 'by-itself'], { ...GOOD, restarts: [] }],
  ])('misses its target: %s', (_, rows, seen) => {
    expect(missedIn(judgeRestarts(seen))).toEqual(rows.map((row) => `faults.e.${row}`));
  });
});
