import { describe, expect, it } from 'vitest';
import { back, groupSeen, places, routes, scene } from '#test/support/hardening-edges.js';
import type { Exchange, Group, GroupSeen, Seen } from '../exchange.js';
import { malformedJson } from '../groups/malformed-json.group.js';
import { names, nothing, sql } from '../groups/place.groups.js';
import { depth, empty, size, unicode } from '../groups/text.groups.js';
import { traversal } from '../groups/traversal.group.js';
import { judgeGroup } from './judge-group.js';

const GROUPS: readonly Group[] = [
  empty(scene()),
  size(scene()),
  names(places(), scene()),
  unicode(scene()),
  depth(scene()),
  nothing(places()),
  malformedJson(routes(), scene()),
  sql(places()),
  traversal(places()),
];
const CASES = GROUPS.flatMap((group) =>
  (['http', 'socket'] as const).map((road) => ({
    name: `${group.id} over ${road}`,
    seen: groupSeen(group, road),
  })),
).filter(({ seen }) => seen.exchanges.length > 0);

/** The same group with one exchange changed. */
const but = (seen: GroupSeen, index: number, change: (exchange: Exchange) => Exchange): GroupSeen => ({
  ...seen,
  exchanges: seen.exchanges.map((exchange, at) => (at === index ? change(exchange) : exchange)),
});
const answered = (exchange: Exchange, answer: Partial<Seen>): Exchange => ({
  ...exchange,
  seen: { ...(exchange.seen as Seen), ...answer },
});

describe.each(CASES)('the row of $name', ({ seen }) => {
  it('is met when each answer is as expected', () => {
    expect(judgeGroup(seen)).toMatchObject({
      verdict: 'met',
      measured: `${seen.exchanges.length} of ${seen.exchanges.length} as expected`,
    });
  });

  it('is missed when any one answer is different', () => {
    const wrongs: readonly Partial<Seen>[] = [
      { status: 418, code: 'teapot' },
      { status: 500, code: 'internal_error' },
      { text: 'Error: x\n    at run (server.mjs:12:3)' },
      { text: 'column "x" does not exist (postgres)' },
    ];
    for (const index of seen.exchanges.keys())
      for (const wrong of wrongs)
        expect(
          judgeGroup(but(seen, index, (one) => answered(one, wrong))),
          JSON.stringify(wrong),
        ).toMatchObject({
          verdict: 'missed',
        });
  });

  it('is missed when one request is not answered, or none was made', () => {
    expect(judgeGroup(but(seen, 0, (one) => ({ ...one, seen: 'no answer' }))).verdict).toBe('missed');
    expect(judgeGroup({ ...seen, exchanges: [] }).verdict).toBe('missed');
  });

  it('is missed when the code is right but a fixed text is not', () => {
    for (const [index, { ask }] of seen.exchanges.entries()) {
      if (ask.expected === 'taken' || ask.expected.message === undefined) continue;
      expect(judgeGroup(but(seen, index, (one) => answered(one, { message: 'No.' }))).verdict).toBe('missed');
    }
  });

  it('is missed when an answer is accepted instead of refused, or the other way round', () => {
    for (const index of seen.exchanges.keys()) {
      const turned = but(seen, index, (one) =>
        answered(
          one,
          one.ask.expected === 'taken' ? { status: 400, code: 'invalid_payload' } : { status: 201 },
        ),
      );
      expect(judgeGroup(turned).verdict).toBe('missed');
    }
  });

  it('is missed when a message is read back changed in one way, or not at all', () => {
    for (const [index, { ask, cameBack }] of seen.exchanges.entries()) {
      if (ask.keeps === undefined) continue;
      for (const field of Object.keys(ask.keeps)) {
        const other = back({ ...ask.keeps, [field]: 'changed' });
        for (const way of ['live', 'history', 'HTTP', 'read model'] as const) {
          const changed = { ...cameBack!, [way]: other[way] };
          expect(judgeGroup(but(seen, index, (one) => ({ ...one, cameBack: changed }))).why).toContain(
            `"${field}" came back changed (${way})`,
          );
        }
      }
      expect(
        judgeGroup(but(seen, index, ({ ask: asked, seen: answer }) => ({ ask: asked, seen: answer }))).why,
      ).toContain('did not come back');
    }
  });

  it('is missed when the connection was closed, or no longer answers', () => {
    if (seen.road === 'http') return;
    for (const connection of [
      { isSame: false, answers: true },
      { isSame: true, answers: false },
    ])
      expect(judgeGroup({ ...seen, connection }).verdict).toBe('missed');
  });
});

it('names the first of many wrong answers, and how many more there are', () => {
  const seen = groupSeen(empty(scene()), 'http');
  const exchanges = seen.exchanges.map((one) => answered(one, { status: 500, code: 'internal_error' }));
  const row = judgeGroup({ ...seen, exchanges });
  expect(row.measured).toBe('0 of 8 as expected');
  expect(row.why).toMatch(/^body "": 500 internal_error: a server error;.* and 5 more$/);
});
