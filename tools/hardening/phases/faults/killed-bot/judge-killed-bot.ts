import { below, holds, told } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { none } from '../none.js';
import { worst } from '../worst.js';
import type { States } from '../presence.js';

/** One kill, times in ms from it; Infinity: never within the patience. */
export type KillSeen = Readonly<{
  moment: string;
  /** What each of the others was told. */
  told: readonly Readonly<{ ms: number; reason: string }>[];
  /** What was said of the bot while it was gone, and once it was back. */
  gone: States;
  back: States;
  /** Until it had everything, and an answer to all it had posted; less the time in which it was asked about. */
  backMs: number;
}>;

export type KilledBotSeen = Readonly<{
  kills: readonly KillSeen[];
  afterTheEnd: States;
  others: Readonly<{ bots: number; reconnections: number; putOff: number; answered: number }>;
  saw: Saw;
}>;

export const NOTICED_WITHIN_MS = 2_000;
export const BACK_WITHIN_MS = 5_000;

export const judgeKilledBot = (seen: KilledBotSeen): readonly Row[] => {
  const news = seen.kills.flatMap(({ told: them }) => them);
  return [
    below(NOTICED_WITHIN_MS, {
      id: 'faults.a.noticed',
      what: 'A killed bot is noticed, and the last of the others told',
      value: worst(news.map(({ ms }) => ms)),
      unit: 'ms',
    }),
    holds(news.length > 0 && news.every(({ reason }) => reason === 'connection_lost'), {
      id: 'faults.a.told',
      what: 'The others are told why it is offline',
      measured: `${news.length} told: ${[...new Set(news.map(({ reason }) => reason))].join(', ')}`,
      target: 'each, connection_lost',
    }),
    unaffected(seen),
    withoutOrphans(seen),
    below(BACK_WITHIN_MS, {
      id: 'faults.a.back',
      what: 'The bot is back, has all it missed and an answer to all it had posted',
      value: worst(seen.kills.map(({ backMs }) => backMs)),
      unit: 'ms',
    }),
    exactRow(
      { id: 'faults.a.exact', what: 'What the killed bot and the others saw differs from the log' },
      seen.saw,
    ),
    told({ id: 'faults.a.kills', what: 'Kills, each at another moment', value: seen.kills.length, unit: '' }),
  ];
};

const unaffected = ({ others }: KilledBotSeen): Row =>
  none({
    id: 'faults.a.unaffected',
    what: 'Connections and posts that the others lost',
    value: others.reconnections + others.putOff,
    of: others.answered,
    ofWhat: `posts of ${others.bots} bots`,
  });

/** Nobody who may be asked takes it for online while it is gone, nor for offline when it is back. */
const withoutOrphans = ({ kills, afterTheEnd }: KilledBotSeen): Row => {
  const wrong = [
    ...kills.flatMap(({ moment, gone, back }) => [
      ...differing(`gone ${moment}`, gone, 'offline'),
      ...differing(`back after ${moment}`, back, 'online'),
    ]),
    ...differing('ended', afterTheEnd, 'offline'),
  ];
  return holds(wrong.length === 0 && kills.length > 0, {
    id: 'faults.a.state',
    what: 'No orphaned state: what who and the read model say while it is gone, back, and ended for good',
    measured: wrong.join('; ') || `right each of ${2 * kills.length + 1} times`,
    target: 'offline, online, offline',
  });
};

const differing = (when: string, states: States, wanted: string): string[] =>
  Object.entries(states)
    .filter(([, state]) => state !== wanted)
    .map(([where, state]) => `${when}: ${where} says ${state}`);
