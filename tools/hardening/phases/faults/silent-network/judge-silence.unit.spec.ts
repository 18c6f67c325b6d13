import { describe, expect, it } from 'vitest';
import { sawOfAnHonestRun, sawWithAGap } from '#test/support/hardening/saw-of-an-honest-run.js';
import { missedIn } from '#test/support/hardening/missed-rows.js';
import { judgeSilence } from './judge-silence.js';
import type { PostSeen, SilenceSeen } from './judge-silence.js';

const TIMEOUT = { ms: 30_001, answered: false };
const POST: PostSeen = {
  id: 'id-1',
  what: 'that was lost',
  attempts: [TIMEOUT, TIMEOUT, TIMEOUT],
  error: 'Message id-1 was not answered',
  again: { ok: true, duplicate: true },
  inLog: 1,
};
const GOOD: SilenceSeen = {
  posts: [POST],
  reconnectMs: 300,
  toldOthers: [
    { state: 'offline', reason: 'timed_out', ms: 18_000 },
    { state: 'online', reason: 'none', ms: 91_000 },
  ],
  saw: sawOfAnHonestRun(),
};

const posted = (post: Partial<PostSeen>): SilenceSeen => ({ ...GOOD, posts: [POST, { ...POST, ...post }] });

describe('a network that swallowed everything', () => {
  it('meets every target when everything was as it should be', () => {
    expect(missedIn(judgeSilence(GOOD))).toEqual([]);
  });

  it.each<[string, string, SilenceSeen]>([
    [
      'an attempt ended early',
      'timeout',
      posted({ attempts: [TIMEOUT, TIMEOUT, { ...TIMEOUT, ms: 18_000 }] }),
    ],
    [
      'an attempt ended late',
      'timeout',
      posted({ attempts: [TIMEOUT, TIMEOUT, { ...TIMEOUT, ms: 35_000 }] }),
    ],
    [
      'an attempt was answered',
      'timeout',
      posted({ attempts: [TIMEOUT, TIMEOUT, { ...TIMEOUT, answered: true }] }),
    ],
    ['too few attempts', 'attempts', posted({ attempts: [TIMEOUT, TIMEOUT] })],
    ['too many attempts', 'attempts', posted({ attempts: [TIMEOUT, TIMEOUT, TIMEOUT, TIMEOUT] })],
    ['no error', 'error', posted({ error: undefined })],
    ['an error that does not say which message', 'error', posted({ error: 'timeout' })],
    ['never back', 'reconnected', { ...GOOD, reconnectMs: Infinity }],
    ['twice in the log', 'once', posted({ inLog: 2 })],
    ['not in the log', 'once', posted({ inLog: 0 })],
    ['refused when sent again', 'again', posted({ again: { ok: false, duplicate: false } })],
    ['not answered when sent again', 'again', posted({ again: undefined })],
    ['the others told nothing', 'told', { ...GOOD, toldOthers: [] }],
    ['the others not told of its return', 'told', { ...GOOD, toldOthers: GOOD.toldOthers.slice(0, 1) }],
    ['a message missing', 'exact', { ...GOOD, saw: sawWithAGap() }],
  ])('misses its target: %s', (_, row, seen) => {
    expect(missedIn(judgeSilence(seen))).toEqual([`faults.b.${row}`]);
  });

  it('misses its targets when nothing was sent', () => {
    expect(missedIn(judgeSilence({ ...GOOD, posts: [] }))).toEqual(
      ['timeout', 'attempts', 'error', 'once', 'again'].map((row) => `faults.b.${row}`),
    );
  });
});
