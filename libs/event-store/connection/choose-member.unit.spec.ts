import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEMBER_STATE, chooseMember } from './choose-member.js';
import type { Endpoint } from './endpoint.js';
import type { Member, View } from './choose-member.js';

const [A, B, C] = ['a', 'b', 'c'].map((address) => ({ address, port: 2113 })) as [
  Endpoint,
  Endpoint,
  Endpoint,
];
const ALL = [A, B, C];

/** Returns a view in which all members are alive except those in `dead`, and all are followers except the leader. */
const view = (from: Endpoint, leader?: Endpoint, dead: readonly Endpoint[] = []): View => ({
  from,
  members: ALL.map((endpoint) => ({
    endpoint,
    state: endpoint === leader ? MEMBER_STATE.leader : MEMBER_STATE.follower,
    isAlive: !dead.includes(endpoint),
  })),
});

describe('which member of a cluster to use', () => {
  it.each<[string, View[], number, Endpoint | undefined]>([
    ['the leader, once it and another say so', [view(A, A), view(B, A)], 1, A],
    ['nobody before any has answered', [], 3, undefined],
    ['nobody by one answer while others may outvote it', [view(A, A)], 2, undefined],
    ['the one that is left, if the others can not be asked', [view(A, A)], 0, A],
    ['nobody while all name a leader that does not answer', [view(B, A), view(C, A)], 1, undefined],
    ['nobody while the leader is dead for all', [view(B, A, [A]), view(C, A, [A])], 0, undefined],
    [
      'the new leader, once it says so, while another has not heard of it',
      [view(B, B, [A]), view(C, A)],
      0,
      B,
    ],
    [
      'nobody by the word of the new leader alone, while the old one may answer',
      [view(B, B), view(C, A)],
      1,
      undefined,
    ],
    ['the new leader beside an old one that does not know of it', [view(A, A), view(B, B), view(C, B)], 0, B],
    ['nobody while two lead and the third knows of none', [view(A, A), view(B, B), view(C)], 0, undefined],
  ])('%s', (_, views, silent, expected) => {
    expect(chooseMember('leader', { views, silent })).toEqual(expected);
  });

  it('the one that a refusal named, as soon as it says itself that it leads', () => {
    const hearing = { views: [view(B, B)], silent: 2 };
    expect(chooseMember('leader', { ...hearing, named: B })).toEqual(B);
    expect(chooseMember('leader', { ...hearing, named: A })).toBeUndefined();
    expect(chooseMember('leader', { views: [view(A, A), view(B, B)], silent: 1, named: A })).toBeUndefined();
  });

  it('a member other than the leader by its own statement, or the leader if there is no other', () => {
    expect(chooseMember('follower', { views: [view(A, A), view(B, A)], silent: 1 })).toEqual(B);
    expect(chooseMember('follower', { views: [view(A, A)], silent: 1 })).toBeUndefined();
    expect(chooseMember('follower', { views: [view(A, A)], silent: 0 })).toEqual(A);
    expect(chooseMember('random', { views: [view(C, A)], silent: 2 })).toEqual(C);
  });

  it('never one that has not answered itself, and never one that more than half of all members contradict', () => {
    const member = fc.constantFrom(...ALL);
    const views = fc
      .uniqueArray(fc.record({ from: member, leader: fc.option(member), dead: fc.subarray(ALL) }), {
        selector: ({ from }) => from,
      })
      .map((given) => given.map(({ from, leader, dead }) => view(from, leader ?? undefined, dead)));
    fc.assert(
      fc.property(views, fc.option(member), (given, named) => {
        const silent = ALL.length - given.length;
        const chosen = chooseMember('leader', { views: given, silent, named: named ?? undefined });
        if (!chosen) return;
        const own = given.find(({ from }) => from === chosen);
        expect(own && leaderOf(own.members)).toBe(chosen);
        for (const other of ALL) {
          if (other === chosen) continue;
          const votes = given.filter(({ members }) => leaderOf(members) === other);
          if (votes.some(({ from }) => from === other))
            expect(votes.length * 2).toBeLessThanOrEqual(ALL.length);
        }
      }),
    );
  });
});

const leaderOf = (members: readonly Member[]): Endpoint | undefined =>
  members.find(({ state, isAlive }) => isAlive && state === MEMBER_STATE.leader)?.endpoint;
