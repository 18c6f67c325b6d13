import type { Actor } from '#libs/domain/event.js';
import { botStream, keysStream } from '#libs/domain/stream-names.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { EventFinder, FoundEvent } from '../event-index/event-finder.js';
import { refOf, type EventRef } from '../event-index/event-ref.js';
import { fieldsOf, termOf } from '../event-index/event-terms.js';
import { leadsFrom, type Lead, type Relation } from './relations.js';

/** The most events that one answer names as causes, and as effects. */
export const MAX_RELATED = 100;

export type Related = EventRef & Readonly<{ relation: Relation }>;
type ByWhom = EventRef & Readonly<{ actor: Actor }>;

/** Where an event comes from and what it led to. `unknown` says in words what could not be found, and why. */
export type Explanation = Readonly<{
  actor: Actor;
  command: Readonly<{ id: string; correlationId: string }>;
  /** The process that wrote it: the gateway, for what bots do. */
  gateway: string;
  key?: Readonly<{ keyId: string; issued?: ByWhom; revoked?: ByWhom }>;
  connection?: Readonly<{ connection: string; consumer?: string; began?: EventRef; ended?: EventRef }>;
  causes: readonly Related[];
  effects: readonly Related[];
  more: Readonly<{ causes: boolean; effects: boolean }>;
  unknown: readonly string[];
}>;

type Finder = Pick<EventFinder, 'findEvents'>;

/**
 * Explains an event: who wrote it with which key, over which connection, because of what, and to what it led.
 *
 * @throws RequestError `event_index_unavailable` | StoreUnavailable | StoreFault
 */
export const explainEvent = async (finder: Finder, { event }: FoundEvent): Promise<Explanation> => {
  const unknown: string[] = [];
  if (event.unreadable !== undefined) unknown.push(`what the event says: ${event.unreadable}`);
  const { actor, $causationId, $correlationId, node } = event.metadata;
  const leads = leadsFrom(event);
  const connection = await connectionOf(finder, event, unknown);
  const key = await keyOf(finder, actor, connection?.keyId, unknown);
  const [causes, effects] = [await follow(finder, leads.causes), await follow(finder, leads.effects)];
  const gone = causes.gone + effects.gone;
  if (gone > 0) unknown.push(`${gone} related events: they are no longer in the log`);
  return {
    actor,
    command: { id: $causationId, correlationId: $correlationId },
    gateway: node,
    ...(key && { key }),
    ...(connection && { connection: connection.told }),
    causes: causes.related,
    effects: effects.related,
    more: { causes: causes.more, effects: effects.more },
    unknown,
  };
};

const keyOf = async (
  finder: Finder,
  actor: Actor,
  ofConnection: string | undefined,
  unknown: string[],
): Promise<Explanation['key']> => {
  if (actor.kind === 'system') return undefined;
  const { keyId = ofConnection } = actor;
  if (keyId === undefined) {
    unknown.push('the key: it was not recorded with this event');
    return undefined;
  }
  const stream = actor.kind === 'bot' ? botStream(actor.name) : keysStream(actor.kind);
  const { events } = await finder.findEvents(termOf('key', keyId), MAX_RELATED);
  const own = events.filter(({ event }) => event.stream === stream);
  const issued = own.find(({ event }) => event.type.endsWith('KeyIssued'));
  const revoked = own.find(({ event }) => event.type.endsWith('KeyRevoked'));
  if (!issued)
    unknown.push('who issued the key: the log holds no such event, as for the token of an identity provider');
  return { keyId, ...(issued && { issued: byWhom(issued) }), ...(revoked && { revoked: byWhom(revoked) }) };
};

const byWhom = ({ stored, event }: FoundEvent): ByWhom => ({ ...refOf(stored), actor: event.metadata.actor });

type Connection = NonNullable<Explanation['connection']>;

/** Returns the connection that a bot's event came over, and the key that the bot showed at its beginning. */
const connectionOf = async (
  finder: Finder,
  { metadata: { actor } }: PositionedEvent,
  unknown: string[],
): Promise<{ told: Connection; keyId: string | undefined } | undefined> => {
  if (actor.kind !== 'bot') return undefined;
  const { connection } = actor;
  if (connection === undefined) {
    unknown.push('the connection: none was recorded, as for requests over HTTP');
    return undefined;
  }
  const { events } = await finder.findEvents(termOf('connection', connection), MAX_RELATED);
  const began = events.find(({ event }) => event.type === 'BotConnected');
  const ended = events.find(({ event }) => event.type === 'BotDisconnected');
  if (!began) unknown.push('when the connection began: it was not recorded, or retention has removed it');
  const consumer = began && fieldsOf(began.event.data)('consumer');
  const beganBy = began?.event.metadata.actor;
  const told = {
    connection,
    ...(consumer !== undefined && { consumer }),
    ...(began && { began: refOf(began.stored) }),
    ...(ended && { ended: refOf(ended.stored) }),
  };
  return { told, keyId: beganBy?.kind === 'bot' ? beganBy.keyId : undefined };
};

/** Returns the events that leads lead to, each once and in the order of the log. */
const follow = async (
  finder: Finder,
  leads: readonly Lead[],
): Promise<{ related: readonly Related[]; more: boolean; gone: number }> => {
  const found = new Map<string, Readonly<{ one: FoundEvent; relation: Relation }>>();
  let more = false;
  let gone = 0;
  for (const { term, relationOf } of leads) {
    const events = await finder.findEvents(term, MAX_RELATED);
    more ||= events.more;
    gone += events.gone;
    for (const one of events.events) {
      const { commit, prepare } = one.event.position;
      const place = `${commit}/${prepare}/${one.event.eventId}`;
      const relation = found.has(place) ? undefined : relationOf(one.event);
      if (relation !== undefined) found.set(place, { one, relation });
    }
  }
  const sorted = [...found.values()].toSorted((a, b) =>
    comparePositions(a.one.event.position, b.one.event.position),
  );
  const related = sorted
    .slice(0, MAX_RELATED)
    .map(({ one, relation }) => ({ ...refOf(one.stored), relation }));
  return { related, more: more || sorted.length > MAX_RELATED, gone };
};
