import { LIMITS } from '../limits.js';
import { messageWith } from './message.schema.js';
import {
  anything,
  count,
  described,
  instant,
  list,
  mapOf,
  name,
  object,
  oneWordOf,
  position,
  seq,
  text,
  type Schema,
} from './schema.js';

/** Returns the schema of one page of a list. */
export const pageOf = (item: Schema): Schema =>
  object({ items: list(item, LIMITS.listItems) }, { next: text() });

/** A message in its current state, with its position in the log. */
export const messageItemSchema = messageWith(
  { position },
  {
    editedAt: instant,
    redactedAt: instant,
    highlights: described(
      'For a search: the places in `body` that match, in order. Offsets count UTF-16 code units, as in JavaScript, and `to` is exclusive. At most 100.',
      list(object({ from: count, to: count }), 100),
    ),
  },
);

const CHANNEL = {
  always: {
    channel: name,
    visibility: oneWordOf('public', 'private'),
    status: oneWordOf('open', 'archived'),
    openedAt: instant,
    memberCount: count,
    head: seq,
  },
  sometimes: { archivedAt: instant, lastMessageAt: instant },
};

export const channelItemSchema = object(CHANNEL.always, CHANNEL.sometimes);

/** A channel with its members, at most the first thousand. */
export const channelSchema = object(
  { ...CHANNEL.always, members: list(object({ bot: name, since: instant, from: seq }), 1_000) },
  CHANNEL.sometimes,
);

const BOT = {
  always: {
    bot: name,
    status: oneWordOf('active', 'suspended'),
    registeredAt: instant,
    keys: list(object({ keyId: text(), issuedAt: instant }, { expiresAt: instant, revokedAt: instant }), 100),
  },
  sometimes: {
    suspendedAt: instant,
    reason: text(),
    presence: object({ state: oneWordOf('online', 'offline'), since: instant }, { reason: text() }),
  },
};

export const botItemSchema = object(BOT.always, BOT.sometimes);

/** A bot with the channels it is in, at most the first thousand. */
export const botSchema = object(
  { ...BOT.always, channels: list(object({ channel: name, since: instant, from: seq }), 1_000) },
  BOT.sometimes,
);

const differences = list(object({ table: text(), rows: count, keys: list(mapOf(anything)) }));
const projectionError = object({ message: text() }, { position, type: text() });

export const projectionItemSchema = object(
  {
    name: text(),
    version: count,
    generation: count,
    lagMs: count,
    status: oneWordOf(
      'catching_up',
      'live',
      'reconnecting',
      'failed',
      'stopped',
      'paused',
      'silent',
      'displaced',
    ),
    seenAt: instant,
  },
  {
    position,
    error: projectionError,
    compared: object({ at: instant, differences }),
    rebuild: object(
      {
        generation: count,
        stage: oneWordOf('building', 'recounting', 'indexing', 'checking', 'differs'),
      },
      { position, differences, error: projectionError },
    ),
    kept: object({ generation: count }, { position }),
  },
);

export const statsSchema = object({
  interval: oneWordOf('minute', 'hour', 'day'),
  from: instant,
  to: instant,
  items: list(
    object({
      at: instant,
      posted: count,
      edited: count,
      redacted: count,
      bytes: count,
      bots: count,
      channels: count,
    }),
  ),
});
