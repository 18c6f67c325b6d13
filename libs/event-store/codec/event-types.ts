import { ACCESS_EVENT_TYPES } from '#libs/domain/access/access.events.js';
import { BOT_EVENT_TYPES } from '#libs/domain/bot/bot.events.js';
import { CHANNEL_EVENT_TYPES } from '#libs/domain/channel/channel.events.js';
import { DECISION_EVENT_TYPES } from '#libs/domain/decision/decision.events.js';
import { CONVERSATION_EVENT_TYPES } from '#libs/domain/conversation/conversation.events.js';
import { GATEWAY_EVENT_TYPES, PRESENCE_EVENT_TYPES } from '#libs/domain/presence/presence.events.js';
import { Upcasters } from './upcasters.js';
import type { AccessEvent } from '#libs/domain/access/access.events.js';
import type { BotEvent } from '#libs/domain/bot/bot.events.js';
import type { ChannelEvent } from '#libs/domain/channel/channel.events.js';
import type { ConversationEvent } from '#libs/domain/conversation/conversation.events.js';
import type { DecisionEvent } from '#libs/domain/decision/decision.events.js';
import type { CursorAdvanced } from '#libs/domain/cursor/cursor.events.js';
import type { DomainEvent } from '#libs/domain/event.js';
import type { GatewayEvent, PresenceEvent } from '#libs/domain/presence/presence.events.js';

/**
 * Lifts stored events of older versions to today's shape. No shape has changed yet. Writers put the newest version of a
 * type into the metadata of new events, so a new shape needs nothing but its upcaster here.
 */
export const upcasters = new Upcasters();

/**
 * Makes a guard that narrows anything with a type and data to the events of one family. Unknown types belong to no
 * family.
 */
const oneOf = <Event extends DomainEvent<string, unknown>>(types: readonly Event['type'][]) => {
  const known = new Set<string>(types);
  return <T extends { type: string; data: unknown }>(event: T): event is T & Event => known.has(event.type);
};

export const isAccessEvent = oneOf<AccessEvent>(ACCESS_EVENT_TYPES);
export const isBotEvent = oneOf<BotEvent>(BOT_EVENT_TYPES);
export const isChannelEvent = oneOf<ChannelEvent>(CHANNEL_EVENT_TYPES);
export const isConversationEvent = oneOf<ConversationEvent>(CONVERSATION_EVENT_TYPES);
export const isDecisionEvent = oneOf<DecisionEvent>(DECISION_EVENT_TYPES);
export const isPresenceEvent = oneOf<PresenceEvent>(PRESENCE_EVENT_TYPES);
export const isGatewayEvent = oneOf<GatewayEvent>(GATEWAY_EVENT_TYPES);
export const isCursorEvent = oneOf<CursorAdvanced>(['CursorAdvanced']);
