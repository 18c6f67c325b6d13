import { describe, expect, it } from 'vitest';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgeLostConnections } from './judge-lost-connections.js';
import type { LossSeen, LostConnectionsSeen } from './judge-lost-connections.js';

const LOSS: LossSeen = { readyMs: 1_000, caughtUpMs: 1_050, backlog: 12 };
const GOOD: LostConnectionsSeen = { losses: [LOSS], saw: sawOfAnHonestRun() };

const lost = (loss: Partial<LossSeen>): LostConnectionsSeen => ({
  ...GOOD,
  losses: [LOSS, { ...LOSS, ...loss }],
});

describe('connections that were lost', () => {
  it('meet every target when everything was as it should be', () => {
    expect(missedIn(judgeLostConnections(GOOD))).toEqual([]);
  });

  it.each<[string, readonly string[], LostConnectionsSeen]>([
    ['back late', ['reconnected'], lost({ caughtUpMs: 5_000 })],
    ['never told that it has caught up', ['reconnected', 'told'], lost({ caughtUpMs: Infinity })],
    ['never told that it is back', ['told'], lost({ readyMs: Infinity })],
    ['nothing missed, so nothing proved', ['backlog'], lost({ backlog: 0 })],
    ['a message missing', ['exact'], { ...GOOD, saw: sawWithAGap() }],
    ['nothing lost', ['reconnected', 'told', 'backlog'], { ...GOOD, losses: [] }],
  ])('miss their target: %s', (_, rows, seen) => {
    expect(missedIn(judgeLostConnections(seen))).toEqual(rows.map((row) => `faults.d.${row}`));
  });
});
