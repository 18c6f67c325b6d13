import type { ClusterMember } from '#libs/event-store/connection/cluster-members.js';
import type { ConnectionPlan, Node } from '#libs/event-store/connection/connection-string.js';
import type { FirstAnswer } from './first-answer.js';
import { networkTrouble, type Connection, type ConnectionError } from './network-trouble.js';
import { final, passing, type Trouble } from './trouble.js';

const SETTING = 'VERBATIM_EVENTSTORE_URL';
const WHO = 'The event store';
/**
 * Milliseconds that a server on a new disk may need to create its first users. Until then it refuses
 * everybody.
 */
const USERS_ARE_MADE_WITHIN_MS = 1500;

const placeOf = ({ address, port }: Node): string => `${address}:${port}`;

/** Protocols that the first bytes of an answer identify. */
export type Spoken = 'http2' | 'http1' | 'tls' | 'other' | 'nothing';

export const spokenIn = (answer: FirstAnswer): Spoken => {
  if (answer.kind !== 'bytes') return 'nothing';
  const { bytes } = answer;
  if (bytes.subarray(0, 5).toString('latin1') === 'HTTP/') return 'http1';
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return 'tls'; // an alert, RFC 8446 section 5.1
  return bytes[3] === 0x04 ? 'http2' : 'other'; // a SETTINGS frame comes first, RFC 9113 section 3.4
};

/**
 * The answers of a node when it was contacted as configured and the other way: with TLS instead of without,
 * or the reverse.
 */
export type Look = Readonly<{ asked: FirstAnswer; otherWay: FirstAnswer }>;

/** Returns why this node cannot be used, or undefined when it answers as it should. */
export const nodeTrouble = (
  node: Node,
  plan: ConnectionPlan,
  { asked, otherWay }: Look,
): Trouble | undefined => {
  if (spokenIn(asked) === 'http2') return undefined;
  const place = placeOf(node);
  const connection: Connection = {
    who: WHO,
    place,
    host: node.address,
    setting: SETTING,
    authority: { parameter: 'tlsCAFile', file: plan.files.tlsCAFile },
  };
  const known =
    asked.kind === 'error' ? networkTrouble(asked.error as ConnectionError, connection) : undefined;
  if (known !== undefined) return known;
  if (spokenIn(otherWay) === 'http2' || spokenIn(asked) === 'tls')
    return final(
      plan.tls
        ? `${WHO} at ${place} does not use TLS: add tls=false to ${SETTING}, or give the server a certificate`
        : `${WHO} at ${place} accepts only encrypted connections: remove tls=false from ${SETTING}`,
    );
  if ([asked, otherWay].some((answer) => ['http1', 'other'].includes(spokenIn(answer))))
    return final(
      `What listens at ${place} is not an EventStoreDB: it does not speak HTTP/2. Correct host and port in ${SETTING}`,
    );
  if (asked.kind === 'silent')
    return passing(
      `${WHO} at ${place} accepts the connection but sends nothing: it hangs, or something else listens there. Check the server, and host and port in ${SETTING}`,
    );
  return passing(
    `What listens at ${place} ends the connection without an answer${codeOf(asked)}: check the server, and host, port and tls in ${SETTING}`,
  );
};

const codeOf = (answer: FirstAnswer): string =>
  answer.kind === 'error' && answer.error.code !== undefined ? ` (${answer.error.code})` : '';

/** The states in which the client uses a member (see its discovery.ts). */
const USABLE = new Set(['FOLLOWER', 'LEADER', 'READONLYREPLICA', 'PREREADONLYREPLICA', 'READONLYLEADERLESS']);

/** Returns the member to check when the cluster cannot be used: the leader, if there is one. */
export const memberToTry = (members: readonly ClusterMember[]): ClusterMember | undefined => {
  const usable = members.filter(({ isAlive, state }) => isAlive && USABLE.has(state));
  return usable.find(({ state }) => state === 'LEADER') ?? usable[0];
};

export const noLeader = (seed: Node, members: readonly ClusterMember[]): Trouble => {
  const seen = members.map(({ node, state, isAlive }) => `${placeOf(node)} ${isAlive ? state : 'dead'}`);
  return passing(
    `The cluster that ${placeOf(seed)} belongs to has no leader (${seen.join(', ') || 'no members'}): start the other nodes, or see in their logs why they elect none`,
  );
};

export const memberTrouble = (seed: Node, member: Node, trouble: Trouble): Trouble => ({
  ...trouble,
  words: `${placeOf(seed)} names ${placeOf(member)} as the member to talk to (it is what that node advertises). ${trouble.words}`,
});

/** The gRPC status codes that explain a failure. */
const STATUS = { permissionDenied: 7, unimplemented: 12, unauthenticated: 16 } as const;

/**
 * Returns why a node that answers as it should did not answer a read of `$all`, by the status of the call.
 */
export const callTrouble = (error: unknown, plan: ConnectionPlan): Trouble => {
  const place = plan.nodes.map(placeOf).join(', ');
  switch (statusOf(error)) {
    case STATUS.unauthenticated:
      return {
        words: `${WHO} at ${place} does not accept the user and password of ${SETTING}: correct them (special characters percent-encoded)`,
        patienceMs: USERS_ARE_MADE_WITHIN_MS,
      };
    case STATUS.permissionDenied:
      return final(deniedWords(place, plan));
    case STATUS.unimplemented:
      return final(
        `What listens at ${place} is not an EventStoreDB: it knows no streams. Correct host and port in ${SETTING}`,
      );
    default:
      return passing(
        `${WHO} at ${place} does not answer: ${firstLine(error)}. Check the server and ${SETTING}`,
      );
  }
};

const deniedWords = (place: string, { hasCredentials, tls }: ConnectionPlan): string => {
  if (!hasCredentials)
    return `${WHO} at ${place} asks for a user and a password: write them before the host in ${SETTING} (esdb://user:password@host)`;
  if (!tls)
    return `${WHO} at ${place} asks for a user and a password, which are not sent without TLS: remove tls=false from ${SETTING}`;
  return `The user of ${SETTING} may not read $all of the event store at ${place}: grant it (docs/running.md says which rights are needed)`;
};

/**
 * Returns the gRPC status of an error. Our errors have the client's error as their cause, and that one has
 * the status.
 */
const statusOf = (error: unknown): number | undefined => {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]?.replace(/\.$/u, '') ?? '';
