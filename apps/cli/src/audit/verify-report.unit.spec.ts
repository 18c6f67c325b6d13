import { describe, expect, it } from 'vitest';
import type { Verification } from '#libs/audit-verify/verification.js';
import { pageOf } from './verify-page.js';
import { resultOf, wordsOf, type ComparedReadModel, type VerifyReport } from './verify-report.js';

const LOG: Verification = {
  result: 'verified',
  origin: 'verbatim/0123456789abcdef',
  key: 'verbatim/0123456789abcdef+01234567+AAAA',
  keyWasGiven: false,
  events: 1_000,
  streams: 3,
  messages: 900,
  checkpoints: { logged: 2, held: 1 },
  proven: 990,
  setAside: 0,
  findings: [],
  found: 0,
};

const report = (more: Partial<VerifyReport>): VerifyReport => ({
  result: 'verified',
  at: '2026-11-23T18:30:00.000Z',
  seconds: 1.5,
  source: 'log.ndjson',
  log: LOG,
  ...more,
});

const place = { position: '77', stream: 'messages-<b>\u001b[2J', revision: 4, leaf: 7 };
const WRONG: Verification = {
  ...LOG,
  result: 'not_verified',
  firstWrong: place,
  findings: [{ kind: 'changed', text: 'It is another <event>', at: place }],
  found: 4,
};

const SAME: ComparedReadModel = { name: 'bots', differences: [] };
const OTHER: ComparedReadModel = {
  name: 'messages',
  differences: [{ table: 'messages', rows: 3, keys: [{ channel: 'general', seq: 1 }] }],
};

/** The headline of a report with a finding that is changed. */
const headline = (more: object): string =>
  wordsOf(
    report({ result: 'not_verified', log: { ...WRONG, findings: [{ ...WRONG.findings[0]!, ...more }] } }),
  ).split('\n')[0]!;

describe('the words of a report', () => {
  it('say how far a log is verified, and by whose key', () => {
    expect(wordsOf(report({}))).toBe(
      [
        'Verified: everything is as it was signed.',
        '  source      log.ndjson',
        '  events      1000 in 3 streams, 900 of them messages',
        '  proven      990 events, by 2 checkpoints in the log and 1 from outside',
        '  not proven  10 events, because no checkpoint covers them yet; they are in order',
        '  log         verbatim/0123456789abcdef',
        '  key         verbatim/0123456789abcdef+01234567+AAAA (named by the log itself)',
        '',
      ].join('\n'),
    );
  });

  it('name the first wrong position, exactly, as a range or behind the end', () => {
    const shown = '77 (revision 4 of messages-<b>\\u001b[2J)';
    expect(headline({})).toBe(`NOT verified. The first wrong position is ${shown}.`);
    const upTo = { ...place, position: '99' };
    expect(headline({ upTo })).toContain(`is one from ${shown} to 99 (`);
    expect(headline({ at: undefined, after: place })).toContain(`comes after ${shown}, the last event.`);
    expect(headline({ at: undefined })).toContain('The log has no events.');
  });

  it('name the rows of read models that differ', () => {
    const words = wordsOf(report({ result: 'not_verified', readModels: [SAME, OTHER] }));
    expect(words).toMatch(/read model bots +is what the log says/);
    expect(words).toMatch(/3 rows of messages differ from the log: \{"channel":"general","seq":1\}, …/);
  });
});

describe('the page of a report', () => {
  it('shows what events hold as text', () => {
    const page = pageOf(report({ result: 'not_verified', log: WRONG, source: '"><script>' }));
    expect(page).not.toMatch(/<b>|<event>|<script>/);
    expect(page).toContain('messages-&lt;b&gt;');
    expect(page).toContain('3 findings like these');
  });
});

describe('the result of all parts', () => {
  it.each([
    [LOG, [SAME], 'verified'],
    [LOG, [SAME, OTHER], 'not_verified'],
    [WRONG, [SAME], 'not_verified'],
    [{ ...LOG, result: 'not_judged' as const }, [SAME], 'not_judged'],
    [LOG, [{ ...SAME, why: 'it is paused' }], 'not_judged'],
    [undefined, [], 'not_judged'],
    [undefined, [OTHER], 'not_verified'],
  ])('is the worst of them: %#', (log, readModels, expected) => {
    expect(resultOf(log, readModels)).toBe(expected);
  });
});
