import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { at } from '#test/support/positioned-event.js';
import { recordedEvent } from '#test/support/recorded-event.js';
import type { Actor } from '#libs/domain/event.js';
import type { Json } from '#libs/domain/json.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { LogState } from './log-state.js';
import { changesBetween } from './state-diff.js';

type Told = readonly [stream: string, type: string, data: Json, by?: Actor];

const ADMIN: Actor = { kind: 'admin', keyId: 'boss' };

/** Builds events in the order of the log, a second apart; each stream has revisions without holes. */
const eventsOf = (told: readonly Told[]): PositionedEvent[] => {
  const revisions = new Map<string, number>();
  return told.map(([stream, type, data, actor], index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const event = recordedEvent(stream, revision, type, data);
    const metadata = { ...event.metadata, ...(actor && { actor }) };
    return { ...event, metadata, at: new Date(index * 1_000), position: at(index * 100) };
  });
};

const fold = (told: readonly Told[]): LogState => {
  const state = new LogState();
  for (const event of eventsOf(told)) state.applyEvent(event);
  return state;
};

const factsOf = (state: LogState): Record<string, unknown> =>
  Object.fromEntries(state.subjects().map(({ kind, name, facts }) => [`${kind} ${name}`, facts]));

const second = (number: number): string => new Date(number * 1_000).toISOString();
const ops = { channel: 'ops' };

describe('the state of a log', () => {
  it('has channels, their members and the number of their messages', () => {
    const state = fold([
      ['channel-ops', 'ChannelOpened', { ...ops, visibility: 'private' }],
      ['channel-ops', 'BotJoined', { ...ops, bot: 'ann', from: -1 }],
      ['channel-ops', 'BotJoined', { ...ops, bot: 'ben', from: -1 }],
      ['messages-ops', 'MessagePosted', { id: 'm', bot: 'ann', ...ops, body: 'secret' }],
      ['messages-ops', 'MessageRedacted', { id: 'n', bot: 'ann', ...ops, target: 'm' }],
      ['channel-ops', 'BotLeft', { ...ops, bot: 'ben' }],
      ['channel-ops', 'ChannelArchived', ops],
    ]);
    expect(factsOf(state)).toEqual({
      'channel ops': {
        visibility: 'private',
        status: 'archived',
        openedAt: second(0),
        archivedAt: second(6),
      },
      'member ops/ann': { since: second(1), from: -1 },
      'messages ops': { head: 1, posted: 1, edited: 0, redacted: 1 },
    });
    expect(JSON.stringify(factsOf(state))).not.toContain('secret');
    expect(state.last).toEqual({ position: at(600), at: new Date(6_000) });
  });

  it('has bots and keys, who issued and revoked them, and no hash', () => {
    const state = fold([
      ['bot-ann', 'BotRegistered', { bot: 'ann' }, ADMIN],
      ['bot-ann', 'KeyIssued', { bot: 'ann', keyId: 'k1', hash: 'h4sh' }, ADMIN],
      ['bot-ann', 'BotSuspended', { bot: 'ann', reason: 'noise' }, ADMIN],
      ['bot-ann', 'KeyRevoked', { bot: 'ann', keyId: 'k1' }, ADMIN],
      ['keys-auditor', 'OperatorKeyIssued', { role: 'auditor', keyId: 'k2', hash: 'h4sh' }, ADMIN],
      ['keys-admin', 'OperatorKeyRevoked', { role: 'admin', keyId: 'sub.x', issuedBefore: second(9) }, ADMIN],
    ]);
    expect(factsOf(state)).toEqual({
      'bot ann': { status: 'suspended', registeredAt: second(0), suspendedAt: second(2), reason: 'noise' },
      'bot-key ann/k1': {
        status: 'revoked',
        issuedAt: second(1),
        issuedBy: 'boss',
        revokedAt: second(3),
        revokedBy: 'boss',
      },
      'key auditor/k2': { status: 'issued', issuedAt: second(4), issuedBy: 'boss' },
      'tokens sub.x': {
        status: 'revoked',
        revokedAt: second(5),
        revokedBy: 'boss',
        issuedBefore: second(9),
      },
    });
    expect(JSON.stringify(factsOf(state))).not.toContain('h4sh');
  });

  it('lets a reinstated bot be as it was', () => {
    const suspended: Told[] = [
      ['bot-ann', 'BotRegistered', { bot: 'ann' }],
      ['bot-ann', 'BotSuspended', { bot: 'ann', reason: 'noise' }],
      ['bot-ann', 'BotReinstated', { bot: 'ann' }],
    ];
    expect(changesBetween(fold(suspended.slice(0, 1)), fold(suspended))).toEqual([]);
  });

  it('counts what nobody understands and what is missing, and refuses another order', () => {
    const state = new LogState();
    const [first, , third] = eventsOf(
      [0, 1, 2].map((number): Told => ['messages-ops', 'MessagePosted', { number }]),
    );
    state.applyEvent({ ...first!, unreadable: 'no shape' });
    state.applyEvent(third!);
    expect(state.counts).toEqual({ events: 2, unreadable: 1, missing: 1 });
    expect(() => state.applyEvent(first!)).toThrow(RangeError);
  });
});

const bots = fc.constantFrom('ann', 'ben');
const steps: fc.Arbitrary<Told[]> = fc.array(
  fc.oneof(
    bots.map((bot): Told => ['channel-ops', 'BotJoined', { ...ops, bot, from: 3 }]),
    bots.map((bot): Told => ['channel-ops', 'BotLeft', { ...ops, bot }]),
    bots.map((bot): Told => [`bot-${bot}`, 'BotSuspended', { bot }]),
    bots.map((bot): Told => [`bot-${bot}`, 'BotReinstated', { bot }]),
    bots.map((bot): Told => ['messages-ops', 'MessagePosted', { id: 'm', bot, ...ops, body: 'x' }]),
  ),
  { maxLength: 30 },
);

describe('the changes between two states', () => {
  it('lead from the one to the other, and are none between equal ones', () => {
    fc.assert(
      fc.property(steps, fc.nat(), (told, cut) => {
        const before = fold(told.slice(0, cut % (told.length + 1)));
        const after = fold(told);
        const changed = factsOf(before);
        for (const change of changesBetween(before, after)) {
          const id = `${change.kind} ${change.name}`;
          if (change.change !== 'added') expect(changed[id]).toEqual(change.before);
          if (change.change === 'removed') delete changed[id];
          else changed[id] = change.after;
        }
        expect(changed).toEqual(factsOf(after));
        expect(changesBetween(after, fold(told))).toEqual([]);
      }),
    );
  });

  it('are not those of a copy that goes on', () => {
    const state = fold([['bot-ann', 'BotRegistered', { bot: 'ann' }]]);
    const copy = state.copy();
    const [, , later] = eventsOf([0, 1, 2].map((): Told => ['bot-ben', 'BotRegistered', { bot: 'ben' }]));
    copy.applyEvent(later!);
    expect(Object.keys(factsOf(state))).toEqual(['bot ann']);
    expect(changesBetween(state, copy)).toMatchObject([{ change: 'added', kind: 'bot', name: 'ben' }]);
  });
});
