import type { NodePreference } from './connection-settings.js';
import { sameEndpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';

/** The numbers of EventStoreDB's VNodeState (gossip.proto). */
export const MEMBER_STATE = {
  follower: 6,
  leader: 8,
  readOnlyLeaderless: 12,
  preReadOnlyReplica: 13,
  readOnlyReplica: 14,
} as const;

/** A member as another member, or the member itself, describes it. */
export type Member = Readonly<{ endpoint: Endpoint; state: number; isAlive: boolean }>;

/** The answer of one member about all members. */
export type View = Readonly<{ from: Endpoint; members: readonly Member[] }>;

export type Hearing = Readonly<{
  /** The newest answer of each member that has answered. */
  views: readonly View[];
  /** Number of members that were asked and have neither answered nor failed. */
  silent: number;
  /** The leader that a member named when it refused a call. */
  named?: Endpoint | undefined;
}>;

/** The states that a preference accepts, the best first. */
const WANTED: Readonly<Record<NodePreference, readonly number[]>> = {
  leader: [MEMBER_STATE.leader],
  follower: [MEMBER_STATE.follower],
  read_only_replica: [
    MEMBER_STATE.readOnlyReplica,
    MEMBER_STATE.preReadOnlyReplica,
    MEMBER_STATE.readOnlyLeaderless,
  ],
  random: [],
};
const ALLOWED: readonly number[] = Object.values(MEMBER_STATE);

/**
 * Chooses the member to use; undefined while that can't be decided. Only a member that has answered by itself is used,
 * because the others go on naming a leader that was killed or frozen until they have elected a new one. A member that
 * was frozen takes itself for the leader until it hears of another one, so a leader counts only if no other answers can
 * outvote it.
 */
export const chooseMember = (preference: NodePreference, hearing: Hearing): Endpoint | undefined =>
  preference === 'leader' ? chooseLeader(hearing) : chooseOther(preference, hearing);

const chooseLeader = ({ views, silent, named }: Hearing): Endpoint | undefined => {
  const claims = views
    .filter(({ from, members }) => sameEndpoint(leaderIn(members), from))
    .map(({ from }) => ({
      from,
      votes: views.filter(({ members }) => sameEndpoint(leaderIn(members), from)).length,
    }));
  const most = claims.find(({ votes }) => votes * 2 > views.length + silent);
  if (most) return most.from;
  const [only, ...others] = claims;
  if (!only || others.length > 0) return undefined;
  return silent === 0 || sameEndpoint(only.from, named) ? only.from : undefined;
};

const leaderIn = (members: readonly Member[]): Endpoint | undefined =>
  members.find(({ isAlive, state }) => isAlive && state === MEMBER_STATE.leader)?.endpoint;

/**
 * Chooses a member by what each says about itself. Any member is better than none, but not while a better one may still
 * answer.
 */
const chooseOther = (preference: NodePreference, { views, silent }: Hearing): Endpoint | undefined => {
  const wanted = WANTED[preference];
  const places = views.flatMap(({ from, members }) => {
    const self = members.find(({ endpoint }) => sameEndpoint(endpoint, from));
    if (!self?.isAlive || !ALLOWED.includes(self.state)) return [];
    const place = wanted.indexOf(self.state);
    return [{ from, place: place < 0 ? wanted.length : place }];
  });
  const [best] = places.toSorted((one, other) => one.place - other.place);
  return best && (best.place === 0 || silent === 0) ? best.from : undefined;
};
