import { exactly, holds, reportedRow } from '../../../report/judge.js';
import type { Row } from '../../../report/hardening-report.js';
import { exactRow } from '../exactness/judge-exactness.js';
import type { Saw } from '../exactness/saw.js';
import { ATTEMPTS } from './attempts.js';
import type { Attempt } from './attempts.js';

/** A message that was sent while the network was silent. */
export type PostSeen = Readonly<{
  id: string;
  what: string;
  attempts: readonly Attempt[];
  /** The error the bot got when it gave up. */
  error: string | undefined;
  /** The answer when it was sent again after the network was back. */
  again: Readonly<{ ok: boolean; duplicate: boolean }> | undefined;
  inLog: number;
}>;

export type SilenceSeen = Readonly<{
  posts: readonly PostSeen[];
  /** Time since the network was back; Infinity means never. */
  reconnectMs: number;
  /** What the other bots were told about the bot, in ms after the cut. */
  toldOthers: readonly Readonly<{ state: string; reason: string; ms: number }>[];
  saw: Saw;
}>;

/** A timer may fire late on a busy machine, but not early. */
const TOLERANCE_MS = 1_000;

export const judgeSilence = (seen: SilenceSeen): readonly Row[] => {
  const { posts } = seen;
  const attempts = posts.flatMap((post) => post.attempts);
  return [
    holds(attempts.length > 0 && attempts.every(isTimeout), {
      id: 'faults.b.timeout',
      what: 'Each attempt to send over a network that swallows everything times out',
      measured: `${attempts.map(({ ms }) => (ms / 1_000).toFixed(1)).join(', ') || 'none'} s`,
      target: '30 s',
    }),
    holds(posts.length > 0 && posts.every((post) => post.attempts.length === ATTEMPTS.count), {
      id: 'faults.b.attempts',
      what: 'Attempts before the bot gives up',
      measured: posts.map((post) => post.attempts.length).join(', '),
      target: String(ATTEMPTS.count),
    }),
    holds(posts.length > 0 && posts.every(({ id, error }) => error?.includes(id)), {
      id: 'faults.b.error',
      what: 'The error says clearly which message, what was tried and what to do',
      measured: posts.map(({ error }) => error ?? 'none')[0] ?? 'none',
      target: 'an error that says so',
    }),
    holds(Number.isFinite(seen.reconnectMs), {
      id: 'faults.b.reconnected',
      what: 'The bot reconnects by itself when the network is back',
      measured: Number.isFinite(seen.reconnectMs) ? `after ${Math.round(seen.reconnectMs)} ms` : 'never',
      target: 'by itself',
    }),
    ...again(posts),
    holds(
      seen.toldOthers.some(({ state, reason }) => state === 'offline' && reason === 'timed_out') &&
        seen.toldOthers.at(-1)?.state === 'online',
      {
        id: 'faults.b.told',
        what: 'The others are told that the bot is gone, why, and when it is back',
        measured:
          seen.toldOthers
            .map(({ state, reason, ms }) => `${state} (${reason}) after ${Math.round(ms / 1_000)} s`)
            .join(', ') || 'nothing',
        target: 'offline (timed_out), online',
      },
    ),
    exactRow(
      { id: 'faults.b.exact', what: 'Differences between the log and what the bot and the others saw' },
      seen.saw,
    ),
  ];
};

/** A message that is sent again has one place in the log, and its sender learns whether it was a duplicate. */
const again = (posts: readonly PostSeen[]): Row[] => [
  exactly(0, {
    id: 'faults.b.once',
    what: 'Messages sent again that are not in the log exactly once',
    value: posts.length === 0 ? Number.NaN : posts.filter(({ inLog }) => inLog !== 1).length,
    unit: '',
  }),
  holds(posts.length > 0 && posts.every((post) => post.again?.ok), {
    id: 'faults.b.again',
    what: 'Messages sent again when the network is back are accepted',
    measured: posts
      .map(
        (post) =>
          `the one ${post.what}: ${!post.again ? 'no answer' : post.again.duplicate ? 'ok, a duplicate' : post.again.ok ? 'ok' : 'refused'}`,
      )
      .join('; '),
    target: 'ok',
  }),
  reportedRow({
    id: 'faults.b.posts',
    what: 'Messages sent while the network was silent',
    value: posts.length,
    unit: '',
  }),
];

const isTimeout = ({ ms, answered }: Attempt): boolean =>
  !answered && ms >= ATTEMPTS.timeoutMs - 50 && ms <= ATTEMPTS.timeoutMs + TOLERANCE_MS;
