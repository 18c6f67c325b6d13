import { describe, expect, it } from 'vitest';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgeKilledBot } from './judge-killed-bot.js';
import type { KilledBotSeen, KillSeen } from './judge-killed-bot.js';

const OFFLINE = { who: 'offline', readModel: 'offline' };
const ONLINE = { who: 'online', readModel: 'online' };
const KILL: KillSeen = {
  moment: 'between two posts',
  told: [
    { ms: 20, reason: 'connection_lost' },
    { ms: 25, reason: 'connection_lost' },
  ],
  gone: OFFLINE,
  back: ONLINE,
  backMs: 900,
};
const GOOD: KilledBotSeen = {
  kills: [KILL],
  afterTheEnd: OFFLINE,
  others: { bots: 6, reconnections: 0, putOff: 0, answered: 300 },
  saw: sawOfAnHonestRun(),
};

const killed = (kill: Partial<KillSeen>): KilledBotSeen => ({ ...GOOD, kills: [KILL, { ...KILL, ...kill }] });

describe('a bot that was killed', () => {
  it('meets every target when everything was as it should be', () => {
    expect(missedIn(judgeKilledBot(GOOD))).toEqual([]);
  });

  it.each<[string, string, KilledBotSeen]>([
    [
      'noticed late by one',
      'noticed',
      killed({ told: [...KILL.told, { ms: 2_000, reason: 'connection_lost' }] }),
    ],
    ['never noticed by one', 'noticed', killed({ told: [{ ms: Infinity, reason: 'connection_lost' }] })],
    ['told for another reason', 'told', killed({ told: [{ ms: 20, reason: 'timed_out' }] })],

    [
      'a connection of the others lost',
      'unaffected',
      { ...GOOD, others: { ...GOOD.others, reconnections: 1 } },
    ],
    ['a post of the others refused', 'unaffected', { ...GOOD, others: { ...GOOD.others, putOff: 1 } }],
    ['others who did nothing', 'unaffected', { ...GOOD, others: { ...GOOD.others, answered: 0 } }],
    ['online by who while gone', 'state', killed({ gone: { ...OFFLINE, who: 'online' } })],
    ['online by the read model while gone', 'state', killed({ gone: { ...OFFLINE, readModel: 'online' } })],
    ['offline when it is back', 'state', killed({ back: { ...ONLINE, who: 'offline' } })],
    ['online after its end', 'state', { ...GOOD, afterTheEnd: ONLINE }],
    ['back late', 'back', killed({ backMs: 5_000 })],
    ['never back', 'back', killed({ backMs: Infinity })],
    ['a message missing', 'exact', { ...GOOD, saw: sawWithAGap() }],
  ])('misses its target: %s', (_, row, seen) => {
    expect(missedIn(judgeKilledBot(seen))).toEqual([`faults.a.${row}`]);
  });

  it('misses its targets when no other bot was told', () => {
    const alone = { ...GOOD, kills: [{ ...KILL, told: [] }] };
    expect(missedIn(judgeKilledBot(alone))).toEqual(['faults.a.noticed', 'faults.a.told']);
  });

  it('misses every target when nothing was killed', () => {
    const missed = missedIn(judgeKilledBot({ ...GOOD, kills: [] }));
    expect(missed).toEqual(
      expect.arrayContaining(['noticed', 'told', 'state', 'back'].map((row) => `faults.a.${row}`)),
    );
  });
});
