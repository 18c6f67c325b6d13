import { isName } from '../name.js';
import { DECISIONS_STREAM, parseStreamName } from '../stream-names.js';
import {
  count,
  faultOf,
  jsonNestedAtMost,
  label,
  name,
  oneOf,
  optional,
  seq,
  seqs,
  shortText,
  text,
  uuid,
} from './shape.js';
import type { AccessEvent } from '../access/access.events.js';
import type { BotEvent } from '../bot/bot.events.js';
import type { ChannelEvent } from '../channel/channel.events.js';
import type { ConversationEvent } from '../conversation/conversation.events.js';
import type { DecisionEvent } from '../decision/decision.events.js';
import type { CursorAdvanced } from '../cursor/cursor.events.js';
import type { DomainEvent } from '../event.js';
import type { GatewayEvent, PresenceEvent } from '../presence/presence.events.js';
import type { StreamFamily } from '../stream-names.js';
import type { Check, Shape } from './shape.js';

/** The shapes of a family of events. The compiler demands an entry for every type and every field. */
type ShapesOf<Event extends DomainEvent<string, unknown>> = {
  readonly [Type in Event['type']]: Shape<Extract<Event, { type: Type }>['data']>;
};

/**
 * More levels than a request may carry, so that a change of that limit does not make stored events
 * unreadable.
 */
const DATA_DEPTH = 1_000;

const said = { id: uuid, channel: name, bot: name, correlationId: optional(text) };
const data = optional(jsonNestedAtMost(DATA_DEPTH));

const conversation: ShapesOf<ConversationEvent> = {
  MessagePosted: { ...said, body: text, data, replyTo: optional(text) },
  MessageEdited: { ...said, target: uuid, body: text, data },
  MessageRedacted: { ...said, target: uuid, reason: optional(text) },
};

const channel: ShapesOf<ChannelEvent> = {
  ChannelOpened: { channel: name, visibility: oneOf('public', 'private') },
  ChannelArchived: { channel: name },
  BotJoined: { channel: name, bot: name, from: seq },
  BotLeft: { channel: name, bot: name },
};

const bot: ShapesOf<BotEvent> = {
  BotRegistered: { bot: name },
  KeyIssued: { bot: name, keyId: label, hash: label, expiresAt: optional(label) },
  KeyRevoked: { bot: name, keyId: label },
  BotSuspended: { bot: name, reason: optional(text) },
  BotReinstated: { bot: name },
};

const role = oneOf('admin', 'auditor');

const access: ShapesOf<AccessEvent> = {
  OperatorKeyIssued: { role, keyId: label, hash: label, expiresAt: optional(label) },
  OperatorKeyRevoked: { role, keyId: label, issuedBefore: optional(label) },
};

const connection = { bot: name, consumer: label, connection: label, gateway: label };

const presence: ShapesOf<PresenceEvent> = {
  BotConnected: { ...connection, began: optional(count) },
  BotDisconnected: { ...connection, reason: label },
};

const gateways: ShapesOf<GatewayEvent> = {
  GatewaySeen: { gateway: label },
  GatewayStopped: { gateway: label },
};

const cursor: ShapesOf<CursorAdvanced> = {
  CursorAdvanced: { cursors: seqs, epoch: optional(count), since: optional(seqs) },
};

/** The longest stream name that any store accepts, in characters. */
const STREAM_LENGTH = 0xffff;
const REASON_LENGTH = 500;

const decisions: ShapesOf<DecisionEvent> = {
  EventSetAside: {
    stream: shortText(STREAM_LENGTH),
    revision: count,
    reason: shortText(REASON_LENGTH),
    keyId: label,
  },
};

type Family = Readonly<{
  shapes: Readonly<Record<string, Readonly<Record<string, Check>>>>;
  /** Returns whether a stream of this family can have this id. */
  names(id: string): boolean;
  /** The field of the event's data that repeats the id in its stream's name. */
  subject?: string;
}>;

const FAMILIES: Readonly<Record<StreamFamily, Family>> = {
  messages: { shapes: conversation, names: isName, subject: 'channel' },
  channel: { shapes: channel, names: isName, subject: 'channel' },
  bot: { shapes: bot, names: isName, subject: 'bot' },
  keys: { shapes: access, names: (id) => role.holds(id), subject: 'role' },
  presence: { shapes: presence, names: isName, subject: 'bot' },
  cursor: { shapes: cursor, names: (id) => isName(id.split('.', 1)[0]) },
  gateways: { shapes: gateways, names: () => true },
  decisions: { shapes: decisions, names: (id) => `decisions-${id}` === DECISIONS_STREAM },
};

/**
 * Returns why an event of one of our streams does not have the shape of its type. Returns undefined when it
 * has, and for streams that belong to no family. The text quotes nothing of the event but its type.
 */
export const whyMisshapen = (stream: string, type: string, given: unknown): string | undefined => {
  const place = parseStreamName(stream);
  if (!place) return undefined;
  const { shapes, names, subject } = FAMILIES[place.family];
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined;
  if (!shape) return `its type is none that a "${place.family}-" stream holds`;
  if (!names(place.id)) return `its stream's name is none that a "${place.family}-" stream has`;
  const fault = faultOf(shape, given);
  if (fault !== undefined || subject === undefined) return fault;
  const says = (given as Record<string, unknown>)[subject];
  return says === place.id ? undefined : `field "${subject}" names another than its stream`;
};
