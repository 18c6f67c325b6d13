import type { DomainEvent } from '../event.js';

export type Visibility = 'public' | 'private';

/** The events of a `channel-<channel>` stream. */
export type ChannelOpened = DomainEvent<'ChannelOpened', { channel: string; visibility: Visibility }>;
export type ChannelArchived = DomainEvent<'ChannelArchived', { channel: string }>;
/**
 * A bot became a member. `from` is the last seq of the channel at that time, or -1 if it had no message. The
 * bot receives every later message.
 */
export type BotJoined = DomainEvent<'BotJoined', { channel: string; bot: string; from: number }>;
export type BotLeft = DomainEvent<'BotLeft', { channel: string; bot: string }>;

export type ChannelEvent = ChannelOpened | ChannelArchived | BotJoined | BotLeft;

export const CHANNEL_EVENT_TYPES = [
  'ChannelOpened',
  'ChannelArchived',
  'BotJoined',
  'BotLeft',
] as const satisfies readonly ChannelEvent['type'][];
