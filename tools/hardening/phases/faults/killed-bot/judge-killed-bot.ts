import { below, holds, reportedRow } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { mustBeNone } from '../none.js';
import { worst } from '../worst.js';
import type { States } from '../presence.js';

/** One kill. Times are in ms since the kill; Infinity means never within the patience. */
export type KillSeen = Readonly<{
  moment: string;
  /** What each of the other bots was told. */
  told: readonly Readonly<{ ms: number; reason: string }>[];
  /** The states reported for the bot while it was gone, and once it was back. */
  gone: States;
  back: States;
  /** Time until it had every message and an answer to each post, without the time spent on asking for its state. */
  backMs: number;
}>;

export type KilledBotSeen = Readonly<{
  kills: readonly KillSeen[];
  afterTheEnd: States;
  others: Readonly<{ bots: number; reconnections: number; putOff: number; answered: number }>;
  saw: Saw;
}>;

const NOTICED_WITHIN_MS = 2_000;
const BACK_WITHIN_MS = 5_000;

export const judgeKilledBot = (seen: KilledBotSeen): readonly Row[] => {
  const news = seen.kills.flatMap(({ told: them }) => them);
  return [
    below(NOTICED_WITHIN_MS, {
      id: 'faults.a.noticed',
      what: 'A killed bot is noticed: time until the last of the others is told',
      value: worst(news.map(({ ms }) => ms)),
      unit: 'ms',
    }),
    holds(news.length > 0 && news.every(({ reason }) => reason === 'connection_lost'), {
      id: 'faults.a.told',
      what: 'The others are told why it is offline',
      measured: `${news.length} told: ${[...new Set(news.map(({ reason }) => reason))].join(', ')}`,
      target: 'all: connection_lost',
    }),
    unaffected(seen),
    withoutOrphans(seen),
    below(BACK_WITHIN_MS, {
      id: 'faults.a.back',
      what: 'The bot is back, with everything it missed and an answer to each of its posts',
      value: worst(seen.kills.map(({ backMs }) => backMs)),
      unit: 'ms',
    }),
    exactRow(
      {
        id: 'faults.a.exact',
        what: 'Differences between the log and what the killed bot and the others saw',
      },
      seen.saw,
    ),
    reportedRow({
      id: 'faults.a.kills',
      what: 'Kills, each at a different moment',
      value: seen.kills.length,
      unit: '',
    }),
  ];
};

const unaffected = ({ others }: KilledBotSeen): Row =>
  mustBeNone({
    id: 'faults.a.unaffected',
    what: 'Connections lost and posts refused, of the other bots',
    value: others.reconnections + others.putOff,
    of: others.answered,
    ofWhat: `posts of ${others.bots} bots`,
  });

/** Nothing that can be asked reports the bot as online while it is gone, nor as offline once it is back. */
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
    what: 'No orphaned state: what who and the read model say while the bot is gone, when it is back, and after its end',
    measured: wrong.join('; ') || `right all ${2 * kills.length + 1} times`,
    target: 'offline, online, offline',
  });
};

const differing = (when: string, states: States, wanted: string): string[] =>
  Object.entries(states)
    .filter(([, state]) => state !== wanted)
    .map(([where, state]) => `${when}: ${where} says ${state}`);
