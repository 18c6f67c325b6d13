import { parseStreamName } from '#libs/domain/stream-names.js';
import { comparePositions } from '#libs/event-store/position.js';
import type { PositionedEvent } from '#libs/event-store/recorded-event.js';
import { fieldsOf, isSame, termOf } from '../event-index/event-terms.js';

/**
 * How two events belong together: the one `edits`, `redacts`, `repliesTo` or is `causedBy` the other, or both have the
 * same correlation id (`sameChain`).
 */
export type Relation = 'edits' | 'redacts' | 'repliesTo' | 'causedBy' | 'sameChain';

/** Where related events are found, and how those that are found are related; undefined for one that is not. */
export type Lead = Readonly<{ term: string; relationOf(other: PositionedEvent): Relation | undefined }>;

export type Leads = Readonly<{ causes: readonly Lead[]; effects: readonly Lead[] }>;

/** Returns where to look for the events that led to an event, and for those to which it led. */
export const leadsFrom = (event: PositionedEvent): Leads => {
  if (event.unreadable !== undefined) return { causes: [], effects: [] };
  const { $correlationId: chain, $causationId: cause } = event.metadata;
  const message = messageIdOf(event);
  const earlier = onSide(event, (order) => order < 0);
  const later = onSide(event, (order) => order > 0);
  const own = [event.eventId, ...(message === undefined ? [] : [message])];
  return {
    causes: [
      ...aboutOf(event).map((id) => earlier(termOf('message', id), (other) => relationTo(event, other))),
      ...others([cause], own).flatMap((id) => named(id, earlier, 'causedBy')),
      ...others([chain], own).flatMap((id) => [
        ...named(id, earlier, 'sameChain'),
        earlier(termOf('chain', id), () => 'sameChain'),
      ]),
    ],
    effects: [
      ...(message === undefined
        ? []
        : [later(termOf('about', message), (other) => relationTo(other, event))]),
      ...own.map((id) => later(termOf('cause', id), () => 'causedBy')),
      ...[...own, ...others([chain], own)].map((id) => later(termOf('chain', id), () => 'sameChain')),
    ],
  };
};

type Side = (term: string, relationOf: Lead['relationOf']) => Lead;

/** Makes leads to events on one side of an event in the log. */
const onSide =
  (event: PositionedEvent, isThere: (order: number) => boolean): Side =>
  (term, relationOf) => ({
    term,
    relationOf: (other) =>
      isThere(comparePositions(other.position, event.position)) ? relationOf(other) : undefined,
  });

/** Returns the leads to whatever an id names: an event, or a message. */
const named = (id: string, side: Side, relation: Relation): Lead[] =>
  (['event', 'message'] as const).map((kind) => side(termOf(kind, id), () => relation));

const others = (ids: readonly unknown[], own: readonly string[]): string[] =>
  ids.filter((id): id is string => typeof id === 'string' && !own.some((one) => isSame(one, id)));

/** Returns the id that the bot chose for a message; undefined for an event that is none. */
const messageIdOf = ({ stream, data }: PositionedEvent): string | undefined =>
  parseStreamName(stream)?.family === 'messages' ? fieldsOf(data)('id') : undefined;

const aboutOf = ({ stream, data }: PositionedEvent): string[] => {
  const text = fieldsOf(data);
  const about =
    parseStreamName(stream)?.family === 'messages' ? (text('target') ?? text('replyTo')) : undefined;
  return about === undefined ? [] : [about];
};

/**
 * Returns how a message is related to the one it names. A bot changes only its own messages, and another bot may have
 * used the same id. A reply names an id only, so each message of the channel with that id may be meant.
 */
const relationTo = (message: PositionedEvent, about: PositionedEvent): Relation | undefined => {
  if (message.stream !== about.stream) return undefined;
  if (message.type === 'MessagePosted') return 'repliesTo';
  if (fieldsOf(message.data)('bot') !== fieldsOf(about.data)('bot')) return undefined;
  return message.type === 'MessageEdited' ? 'edits' : 'redacts';
};
